// JSON by nlohmann's SAX parser, fed through an iterator that counts lines and columns, so that values know their
// place.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "wordline/core/document.h"
#include "wordline/core/json_lines.h"

namespace wordline::core {

namespace {

// Where the parser has read to, and where the last token began.
struct Cursor {
  int line = 1, column = 0;              // of the last character read
  int token_line = 1, token_column = 1;  // of the token being read
  bool in_token = false, in_text = false, escaped = false;

  void see(char c) {
    if (c == '\n') {
      ++line;
      column = 0;
    } else {
      ++column;
    }
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    const bool mark = c == ',' || c == ':' || c == '{' || c == '}' || c == '[' || c == ']';
    if (in_text) {
      if (escaped)
        escaped = false;
      else if (c == '\\')
        escaped = true;
      else if (c == '"')
        in_text = in_token = false;
      return;
    }
    if (space || c == ',' || c == ':' || c == '}' || c == ']') {
      in_token = false;
      return;
    }
    if (in_token && !mark) return;
    token_line = line;
    token_column = column;
    in_token = !mark;
    in_text = c == '"';
  }
};

// Reads characters and tells the cursor about each one once.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  CountingIterator(const char* at, Cursor* cursor) : at_(at), cursor_(cursor) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    cursor_->see(*at_++);
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& o) const { return at_ == o.at_; }
  bool operator!=(const CountingIterator& o) const { return at_ != o.at_; }

 private:
  const char* at_;
  Cursor* cursor_;
};

// Builds the tree from the parser's events.
class Builder {
 public:
  using json = nlohmann::json;
  Builder(const Cursor& cursor, std::shared_ptr<const std::string> file) : cursor_(cursor), file_(std::move(file)) {}

  bool null() { return put({}); }
  bool boolean(bool b) { return put(b); }
  bool number_integer(json::number_integer_t n) { return put(static_cast<std::int64_t>(n)); }
  bool number_unsigned(json::number_unsigned_t n) {
    return n <= INT64_MAX ? put(static_cast<std::int64_t>(n)) : put(static_cast<double>(n));
  }
  bool number_float(json::number_float_t x, const std::string&) { return put(x); }
  bool string(std::string& s) { return put(s); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Table{}); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Array{}); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    auto& members = std::get<Table>(stack_.back()->data);
    if (members.contains(name))
      throw InputError(place(), fmt::format("the key \"{}\" a second time", name), "each key once");
    key_ = name;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
    std::string why = error.what();
    if (const auto at = why.find("- "); at != std::string::npos) why = why.substr(at + 2);
    throw InputError(fmt::format("{}: not JSON: {}", to_string(place()), why));
  }

  Value root;

 private:
  Location place() const { return {file_, cursor_.token_line, cursor_.token_column}; }
  Value* attach(Value::Data data) {
    Value value{std::move(data), place()};
    if (stack_.empty()) {
      root = std::move(value);
      return &root;
    }
    if (auto* items = std::get_if<Array>(&stack_.back()->data)) return &items->emplace_back(std::move(value));
    auto& members = std::get<Table>(stack_.back()->data);
    return &members.insert_or_assign(key_, std::move(value)).first->second;
  }
  bool put(Value::Data data) {
    attach(std::move(data));
    return true;
  }
  bool open(Value::Data data) {
    if (stack_.size() >= 200) throw InputError(place(), "nesting deeper than 200", "a flatter document");
    stack_.push_back(attach(std::move(data)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  const Cursor& cursor_;
  std::shared_ptr<const std::string> file_;
  std::vector<Value*> stack_;  // the open containers, outermost first
  std::string key_;
};

}  // namespace

Value parse_json_line(std::string_view text, const std::string& name, int line) {
  Cursor cursor;
  cursor.line = cursor.token_line = line;
  Builder builder(cursor, std::make_shared<const std::string>(name));
  nlohmann::json::sax_parse(CountingIterator(text.data(), &cursor),
                            CountingIterator(text.data() + text.size(), &cursor), &builder);
  return std::move(builder.root);
}

Value parse_json(std::string_view text, const std::string& name) { return parse_json_line(text, name, 1); }

}  // namespace wordline::core
