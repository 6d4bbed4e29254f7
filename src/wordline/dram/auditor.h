// Replays a command trace against the rule table alone and names each violated rule with its clock.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "wordline/dram/standard.h"

namespace wordline::dram {

// One broken rule: at `tick`, `command` came although `rule` allowed it no earlier than `earliest` (timing rules,
// windows, buses, late refreshes) or not at all in the bank's state (earliest == -1). Of a
// late refresh `earliest` is the tick at which it was due at the latest.
struct Violation {
  Tick tick = 0;
  std::string rule;  // the table's name, "command-bus", "data-bus", "alignment", "order", "state", "refresh-late", ...
  std::string message;  // one line for a person: clock, command, place, what it broke against
  Command command;
  Tick earliest = -1;
};

// Shares no code with any controller nor with Device. Feed it every command of one channel in order, then finish().
class Auditor {
 public:
  // `check_refresh`: hold the trace to the refresh debt limits, owed from tick 0. The standard must outlive the
  // auditor.
  explicit Auditor(const Standard& standard, bool check_refresh = true);
  ~Auditor();
  Auditor(Auditor&&) noexcept;
  Auditor& operator=(Auditor&&) noexcept;

  // Checks one command, then takes it as issued, legal or not.
  void take(const Command& command);
  // Ends the trace at `now`: overdue refreshes are reported here.
  void finish(Tick now);

  std::int64_t commands() const;
  // The number of all violations, and the first thousand.
  std::int64_t violation_count() const;
  const std::vector<Violation>& violations() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Replays a whole trace; finish() at `end`, or at the last command where that is later.
std::vector<Violation> audit(const Standard& standard, const std::vector<Command>& trace, Tick end = 0,
                             bool check_refresh = true);

}  // namespace wordline::dram
