// Traces as JSON: one object a line, an array of objects, or one object with arrays.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "wordline/core/json_lines.h"
#include "wordline/serve/workload/names.h"
#include "wordline/serve/workload/rows.h"

namespace wordline::serve {
namespace {

using core::InputError;
using core::Value;

constexpr std::int32_t mooncake_block = 512;          // tokens that one of its hash_ids stands for
constexpr std::int32_t vllm_custom_output_len = 256;  // vLLM's default of --custom-output-len

// A member that must be there.
const Value& member(const Value& object, std::string_view key) {
  if (const Value* found = object.find(key)) return *found;
  std::vector<std::string> keys;
  for (const auto& [name, value] : *object.table()) keys.push_back(name);
  throw InputError(object.where, fmt::format("an object of {}", fmt::join(keys, ", ")),
                   fmt::format("a key \"{}\"", key), core::nearest_name(key, keys));
}

double number(const Value& value, const char* wanted) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value.data); real && std::isfinite(*real)) return *real;
  throw InputError(value.where, value.describe(), wanted);
}

double time_of(const Value& value) {
  const double time = number(value, "a time");
  if (time < 0) throw InputError(value.where, fmt::format("a time of {}", time), "0 or later");
  return time;
}

std::int64_t whole(const Value& value, const char* wanted) {
  if (const auto* found = std::get_if<std::int64_t>(&value.data)) return *found;
  throw InputError(value.where, value.describe(), wanted);
}

std::int32_t tokens(const Value& value) {
  return checked_tokens(whole(value, "a whole number of tokens"), value.where);
}

const core::Array& array(const Value& value, const char* wanted) {
  if (const auto* found = value.array()) return *found;
  throw InputError(value.where, value.describe(), wanted);
}

const std::string& text(const Value& value) {
  if (const auto* found = value.text()) return *found;
  throw InputError(value.where, value.describe(), "a text");
}

Row row_at(const Value& arrival, double seconds) {
  return {{.arrival = core::Seconds(seconds)}, arrival.where.line, arrival.where.column};
}

void count_from_first(Rows& rows) {
  double first = INFINITY;
  for (const auto& row : rows.rows) first = std::min(first, row.request.arrival.value());
  for (auto& row : rows.rows) row.request.arrival = core::Seconds(row.request.arrival.value() - first);
}

// A reader of one form takes its objects one after the other.
class Form {
 public:
  explicit Form(const TraceOptions& how) : options(how) {}
  virtual ~Form() = default;
  virtual void take(const Value& object) = 0;
  virtual void finish() {}
  Rows out;

 protected:
  const TraceOptions& options;
};

class Mooncake final : public Form {
 public:
  using Form::Form;
  void take(const Value& object) override {
    const Value& when = member(object, "timestamp");
    Row row = row_at(when, time_of(when) / 1e3);
    row.request.prompt_tokens = tokens(member(object, "input_length"));
    row.request.output_tokens = tokens(member(object, "output_length"));
    if (const Value* ids = object.find("hash_ids")) row.request.content = content(*ids, row.request.prompt_tokens);
    out.rows.push_back(std::move(row));
  }

 private:
  static std::shared_ptr<const Content> content(const Value& ids, std::int32_t prompt) {
    const auto& list = array(ids, "an array of hash ids");
    const auto blocks = static_cast<std::size_t>((prompt + mooncake_block - 1) / mooncake_block);
    if (list.size() != blocks)
      throw InputError(ids.where, fmt::format("{} hash ids for {} tokens", list.size(), prompt),
                       fmt::format("{}, one for {} tokens each", blocks, mooncake_block));
    auto pieces = std::make_shared<Content>();
    pieces->reserve(blocks);
    for (const auto& id : list) {
      pieces->push_back({static_cast<std::uint64_t>(whole(id, "a hash id, a whole number")), mooncake_block});
    }
    pieces->back().tokens = prompt - static_cast<std::int32_t>(blocks - 1) * mooncake_block;
    return pieces;
  }
};

// The workloads beside the measured runs (arrival_time_ns), and those runs' own logs (arrival_time, unix seconds).
class TokenLog final : public Form {
 public:
  using Form::Form;
  void take(const Value& object) override {
    if (out.rows.empty()) unix_ = !object.find("arrival_time_ns");
    const Value& when = member(object, unix_ ? "arrival_time" : "arrival_time_ns");
    Row row = row_at(when, unix_ ? time_of(when) : time_of(when) / 1e9);
    row.request.prompt_tokens = tokens(member(object, "input_toks"));
    row.request.output_tokens = tokens(member(object, "output_toks"));
    if (const Value* ids = object.find("input_tok_ids")) {
      auto pieces = std::make_shared<Content>();
      add(*pieces, *ids, row.request.prompt_tokens);
      if (const Value* answer = object.find("output_tok_ids")) add(*pieces, *answer, row.request.output_tokens);
      row.request.content = std::move(pieces);
    }
    out.rows.push_back(std::move(row));
  }
  void finish() override {
    if (unix_) count_from_first(out);
  }

 private:
  static void add(Content& pieces, const Value& ids, std::int32_t wanted) {
    const auto& list = array(ids, "an array of token ids");
    if (static_cast<std::int64_t>(list.size()) != wanted)
      throw InputError(ids.where, fmt::format("{} token ids", list.size()), fmt::format("{}, as it says", wanted));
    TextName name;
    std::int32_t held = 0;
    for (const auto& id : list) {
      name.add(static_cast<std::uint64_t>(whole(id, "a token id, a whole number")));
      if (++held < piece_tokens) continue;
      pieces.push_back({name.value(), held});
      name = {};
      held = 0;
    }
    if (held > 0) pieces.push_back({name.value(), held});
  }
  bool unix_ = false;
};

// The result of vLLM's `bench serve --save-result --save-detailed`: one object, a value a request in each array.
class VllmResult final : public Form {
 public:
  using Form::Form;
  void take(const Value& object) override {
    if (taken_) throw InputError(object.where, "a second result", "one run");
    taken_ = true;
    const auto& prompts = array(member(object, "input_lens"), "an array of lengths");
    const Value& output_lens = member(object, "output_lens");
    const auto& outputs = column(output_lens, prompts.size());
    const Value* starts = object.find("start_times");
    const auto* times = starts ? &column(*starts, prompts.size()) : nullptr;
    out.timed = times != nullptr;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      if (whole(outputs[i], "a whole number of tokens") == 0) {
        ++failed;
        continue;
      }
      Row row = row_at(times ? (*times)[i] : prompts[i], times ? time_of((*times)[i]) : 0);
      row.request.prompt_tokens = tokens(prompts[i]);
      row.request.output_tokens = tokens(outputs[i]);
      out.rows.push_back(std::move(row));
    }
    if (failed > 0) out.warnings.push_back(counted(failed, "request") + " without output tokens, failed: skipped");
    if (times) count_from_first(out);
  }

 private:
  static const core::Array& column(const Value& value, std::size_t rows) {
    const auto& list = array(value, "an array");
    if (list.size() != rows)
      throw InputError(value.where, fmt::format("{} values", list.size()), fmt::format("{}, as in input_lens", rows));
    return list;
  }
  bool taken_ = false;
};

// Texts: counted in characters, cut in pieces that are named by what they say.
class Texts : public Form {
 public:
  using Form::Form;

 protected:
  std::int32_t tokens_of(const Value& value, const std::string& text) const {
    if (!(options.characters_per_token > 0))
      throw InputError(value.where, "a text without a count of its tokens",
                       "characters per token to count by (--characters-per-token)");
    const auto characters = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
    const double count = std::ceil(static_cast<double>(characters) / options.characters_per_token);
    return checked_tokens(static_cast<std::int64_t>(std::min(count, 1e15)), value.where);
  }
  std::shared_ptr<const Content> pieces_of(const std::string& text, std::int32_t tokens) const {
    auto pieces = std::make_shared<Content>();
    const auto length = static_cast<std::size_t>(std::ceil(piece_tokens * options.characters_per_token));
    for (std::size_t at = 0; tokens > 0; at += length) {
      TextName name;
      for (std::size_t i = at; i < std::min(text.size(), at + length); ++i)
        name.add(static_cast<unsigned char>(text[i]));
      if (at >= text.size()) name.add(at);
      pieces->push_back({name.value(), std::min(tokens, piece_tokens)});
      tokens -= pieces->back().tokens;
    }
    return pieces;
  }
  void counted_by_characters() {
    out.timed = false;
    out.warnings.push_back(
        fmt::format("lengths of texts are estimates, of {} characters a token", options.characters_per_token));
  }
};

// vLLM's custom dataset: a prompt, and how long its answer is to be.
class VllmCustom final : public Texts {
 public:
  using Texts::Texts;
  void take(const Value& object) override {
    const Value& prompt = member(object, "prompt");
    const std::string& words = text(prompt);
    Row row = row_at(prompt, 0);
    row.request.prompt_tokens = tokens_of(prompt, words);
    row.request.content = pieces_of(words, row.request.prompt_tokens);
    const Value* output = object.find("output_tokens");
    row.request.output_tokens = output ? tokens(*output) : vllm_custom_output_len;
    unstated_ += output == nullptr;
    out.rows.push_back(std::move(row));
  }
  void finish() override {
    counted_by_characters();
    if (unstated_ > 0)
      out.warnings.push_back(counted(unstated_, "request") +
                             fmt::format(" without output_tokens: {}, as vLLM", vllm_custom_output_len));
  }

 private:
  std::size_t unstated_ = 0;
};

// ShareGPT: the first question and the first answer of each conversation, as vLLM takes them.
class ShareGpt final : public Texts {
 public:
  using Texts::Texts;
  void take(const Value& object) override {
    const Value* turns = object.find("conversations");
    if (!turns) turns = &member(object, "conversation");
    const auto& list = array(*turns, "an array of turns");
    if (list.size() < 2) {
      ++short_;
      return;
    }
    const Value &question = said(list[0]), &answer = said(list[1]);
    if (text(question).empty() || text(answer).empty()) {
      ++short_;
      return;
    }
    Row row = row_at(question, 0);
    row.request.prompt_tokens = tokens_of(question, text(question));
    row.request.output_tokens = tokens_of(answer, text(answer));
    row.request.content = pieces_of(text(question), row.request.prompt_tokens);
    out.rows.push_back(std::move(row));
  }
  void finish() override {
    counted_by_characters();
    if (short_ > 0)
      out.warnings.push_back(counted(short_, "conversation") + " without a question and an answer: skipped");
  }

 private:
  static const Value& said(const Value& turn) {
    if (!turn.is_table()) throw InputError(turn.where, turn.describe(), "a turn, an object");
    return member(turn, turn.find("content") ? "content" : "value");
  }
  std::size_t short_ = 0;
};

template <class F>
std::unique_ptr<Form> make(const TraceOptions& options) {
  return std::make_unique<F>(options);
}

struct Kind {
  const char *mark, *name;  // the key that tells it
  std::unique_ptr<Form> (*make)(const TraceOptions&);
};

constexpr Kind kinds[] = {
    {"input_length", "Mooncake", make<Mooncake>},       {"hash_ids", "Mooncake", make<Mooncake>},
    {"input_toks", "token log", make<TokenLog>},        {"input_lens", "vLLM bench result", make<VllmResult>},
    {"conversations", "ShareGPT", make<ShareGpt>},      {"conversation", "ShareGPT", make<ShareGpt>},
    {"prompt", "vLLM custom dataset", make<VllmCustom>}};

class Reader {
 public:
  explicit Reader(const TraceOptions& options) : options_(options) {}

  void take(const Value& object) {
    if (!object.is_table()) throw InputError(object.where, object.describe(), "an object, one a request");
    if (!form_) choose(object);
    form_->take(object);
  }
  Rows finish() {
    if (!form_) return {};
    form_->finish();
    form_->out.form = name_;
    return std::move(form_->out);
  }

 private:
  void choose(const Value& object) {
    for (const auto& kind : kinds) {
      if (!object.find(kind.mark)) continue;
      form_ = kind.make(options_);
      name_ = kind.name;
      return;
    }
    std::vector<std::string> marks, keys;
    for (const auto& kind : kinds) marks.emplace_back(kind.mark);
    std::string nearest;
    for (const auto& [key, value] : *object.table()) {
      keys.push_back(key);
      if (nearest.empty()) nearest = core::nearest_name(key, marks);
    }
    throw InputError(
        object.where,
        fmt::format("an object of {}", keys.empty() ? "nothing" : fmt::format("{}", fmt::join(keys, ", "))),
        "one with input_length (Mooncake), input_toks, input_lens (vLLM), conversations or prompt", nearest);
  }
  const TraceOptions& options_;
  std::unique_ptr<Form> form_;
  const char* name_ = "";
};

}  // namespace

Rows rows_of_json(std::string_view text, const std::string& name, const TraceOptions& options) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Reader reader(options);
  constexpr std::string_view blank = " \t\r\n";
  const auto begin = text.find_first_not_of(blank);
  const auto first = text.substr(begin, text.find('\n', begin) - begin);
  const auto last = first.find_last_not_of(blank);
  if (text[begin] == '[' || first[last] != '}') {  // one document, however many lines
    const Value document = core::parse_json(text, name);
    if (const auto* list = document.array())
      for (const auto& object : *list) reader.take(object);
    else
      reader.take(document);
    return reader.finish();
  }
  int line_number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    ++line_number;
    if (line.find_first_not_of(blank) != std::string_view::npos)
      reader.take(core::parse_json_line(line, name, line_number));
  }
  return reader.finish();
}

}  // namespace wordline::serve
