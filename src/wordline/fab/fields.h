// The keys of the room's files, listed once: a list of fields serves the reader, and finds the inputs of what was read.
#pragma once

#include <map>
#include <string>

#include "wordline/core/error.h"
#include "wordline/core/reader.h"
#include "wordline/fab/uncertainty.h"

namespace wordline::fab {

// What a number must lie within, besides not being negative.
enum class Limit { any, above_zero, share, share_above_zero };

// Reads keys by their dotted path; tables on the way must be there for what is needed. Facts are kept as the reader
// does.
class FieldReader {
 public:
  FieldReader(core::Reader file, std::string subject);

  template <class Q>
  void need(const std::string& path, Ranged<Q>& into, Limit limit = Limit::any) {
    const auto [table, key] = split(path);
    if constexpr (std::is_same_v<Q, double>)
      into = Ranged<Q>(table->number_range(key), Origin{subject_, path});
    else
      into = Ranged<Q>(table->template range<Q>(key), Origin{subject_, path});
    within(limit, *table, key, into.range());
  }
  // Leaves what is there where the key, or a table on the way to it, is not in the file.
  template <class Q>
  void may(const std::string& path, Ranged<Q>& into, Limit limit = Limit::any) {
    if (has(path)) need(path, into, limit);
  }
  bool has(const std::string& path);
  // A table by its path, opened once.
  core::Reader& table(const std::string& path);
  // Throws core::InputError for the first key of any table that nobody asked for.
  void finish() const;

 private:
  std::pair<core::Reader*, std::string> split(const std::string& path);
  static void within(Limit, const core::Reader& table, const std::string& key, const core::Range<double>& range);

  std::map<std::string, core::Reader> tables_;  // by path, "" being the file
  std::string subject_;
};

// Goes through the same list and gathers what was read as inputs.
struct InputCollector {
  Inputs& inputs;
  template <class Q>
  void need(const std::string&, Ranged<Q>& place, Limit = Limit::any) {
    add_input(inputs, place);
  }
  template <class Q>
  void may(const std::string&, Ranged<Q>& place, Limit = Limit::any) {
    add_input(inputs, place);
  }
};

// Evaluates what was read with all inputs at mid, at low and at high: what cannot be is refused at the file's place.
template <class Spec, class Evaluate>
void at_its_ends(const Spec& spec, const core::Location& where, Evaluate evaluate) {
  try {
    evaluate(spec);
    Spec moved = spec;
    const Inputs inputs = inputs_of(moved);
    for (const bool high : {false, true}) {
      for (const Input& input : inputs) input.set(high ? input.range.high : input.range.low);
      evaluate(moved);
    }
  } catch (const core::InputError& error) {
    throw core::InputError(core::to_string(where) + ": " + error.what());
  }
}

}  // namespace wordline::fab
