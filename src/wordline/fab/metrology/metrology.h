// Virtual metrology of a tool with any number of chambers: one line in, one answer out, and a state that can be saved.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "wordline/fab/capability.h"
#include "wordline/fab/metrology/stream.h"
#include "wordline/fab/metrology/wafer_reader.h"

namespace wordline::fab {

struct MetrologySettings {
  std::size_t warm_up = 0;  // labelled wafers of a chamber before its experts begin; 0: the bank's
  double budget = 1;        // measurements a wafer that the sampler may ask for
  Limits label_limits;      // labels beyond these are not believed
};

// What became of a line.
enum class Event {
  predicted,   // a wafer
  measured,    // a wafer with its label: predicted first, then learned
  learned,     // a label for a wafer that came before
  repeated,    // a wafer that is remembered already: nothing happened
  unknown,     // a label for a wafer that is not, or that has one: nothing happened
  unreadable,  // no label, and half of the features or more are missing: nothing happened
  disbelieved  // a label beyond the limits: nothing happened, but the prediction where features came with it
};
const char* name_of(Event event);

struct Answer {
  Event event = Event::predicted;
  Prediction prediction;      // of a wafer with its features
  Learned learned;            // from a label
  bool out_of_order = false;  // earlier than the newest of its chamber: taken as it came, and told
};

// Chambers are streams apart (Stream); memory is bounded by the bank's settings and `most_chambers`.
class Metrology {
 public:
  static constexpr std::size_t most_chambers = 1000;

  Metrology(std::shared_ptr<const Bank> bank, std::vector<std::string> features, MetrologySettings settings);

  // Throws core::InputError at the row's place for one chamber too many, with the state as it was.
  Answer take(const WaferRow& row);
  // The chamber's stream; nullptr for one that never came.
  const Stream* stream(const std::string& chamber) const;
  const Bank& bank() const { return *bank_; }

  // The state as bytes, and from them: the same bits go on as if nothing had happened in between.
  std::string save() const;
  // Throws core::InputError, `name` being the file's, where the bank, the features or the settings are others, and for
  // bytes that are no state; this object is then as it was.
  void restore(const std::string& bytes, const std::string& name);

  static constexpr const char* state_kind = "wordline.fab.metrology/1";

 private:
  struct Chamber {
    Stream stream;
    double newest = 0;                                           // time; NaN before the first
    std::vector<std::string> names = {};                         // of the remembered wafers, a ring by their number
    std::unordered_map<std::string, std::int64_t> numbers = {};  // of those
  };
  Chamber fresh() const;
  Answer answer(Chamber& chamber, const WaferRow& row);
  std::string fingerprint() const;

  std::shared_ptr<const Bank> bank_;
  std::vector<std::string> features_;
  MetrologySettings settings_;
  std::map<std::string, Chamber> chambers_;
};

}  // namespace wordline::fab
