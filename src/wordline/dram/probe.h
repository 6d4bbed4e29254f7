// Timing scripts against a part's tables: "issue ACT bankgroup=0 bank=0 row=7 @0", "earliest RD bankgroup=0 bank=0".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "wordline/core/error.h"
#include "wordline/dram/device.h"

namespace wordline::dram {

// What one `earliest` line found, or the `issue` that may not be.
struct ProbeAnswer {
  core::Location where;
  std::string command;  // as the table writes it; "ACT" for the pair of a two-part activation
  Tick asked = 0;       // the tick of an issue, the one from which `earliest` looked
  Tick earliest = -1;   // -1: not in the present state
  std::string needs;    // the command that must come first, "" where none must
  std::string rule;     // of an illegal issue: the rule it breaks; "state" where the state forbids it
  std::string why;      // ... and the words for that
  bool legal() const { return rule.empty(); }
};

// One channel of a part, with no command issued at first and no refresh by itself.
class Probe {
 public:
  // The standard must outlive the probe.
  explicit Probe(const Standard& standard);

  // Runs a script: an answer for each `earliest`, and for the first illegal issue, which ends the run. Throws
  // InputError with line and column where the script can't be read. `name` stands in the messages.
  std::vector<ProbeAnswer> run(const std::string& script, const std::string& name);

  // "earliest RD 32", "needs ACT", "illegal RD tRCD 32": one line of the program's output.
  std::string line(const ProbeAnswer& answer) const;
  // A tick in clocks of the DRAM: "12", "12.5".
  std::string clocks(Tick tick) const;

 private:
  struct Word;
  struct Request;
  std::vector<Word> words_of(const std::string& line, core::Location where) const;
  Request request_of(const std::vector<Word>& words) const;
  Tick tick_of(const Word& word) const;
  void set_field(Request& request, const Word& word, std::vector<int>& fields) const;
  void need_fields(const Request& request, const std::vector<int>& fields, const core::Location& where) const;
  // The request's commands when it begins at `tick`: one, or both parts of an activation.
  std::vector<Command> commands_at(const Request& request, Tick tick) const;
  Tick earliest_of(const Request& request, Tick from) const;
  std::string needs(const Request& request, Tick tick, std::string* why) const;
  ProbeAnswer ask(const Request& request) const;
  ProbeAnswer issue(const Request& request);

  const Standard& standard_;
  Device device_;
  Tick now_ = 0;
  std::map<std::string, CommandId> names_;  // normalised spellings
};

}  // namespace wordline::dram
