// Prediction with expert advice (Cesa-Bianchi, Lugosi 2006): the weight of each expert's opinion, learned from the
// losses. Policies: policy/aggregation/<name>.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "wordline/core/reader.h"
#include "wordline/fab/metrology/state_bytes.h"

namespace wordline::fab {

// What the experts said of one wafer, NaN for those that slept, and what the aggregate made of it.
struct Advice {
  std::vector<double> opinions;
  double aggregate = 0;
};

class Aggregation {
 public:
  virtual ~Aggregation() = default;
  // Before the first wafer.
  virtual void start(std::size_t experts) = 0;
  // Of all experts, asleep or not; at least 0, their sum is 1.
  const std::vector<double>& weights() const { return weights_; }
  // A label for what was advised. Sleepers' weights stay what they were, relative to the aggregate.
  virtual void learn(const Advice& advice, double label) = 0;
  virtual void save(StateWriter& out) const = 0;
  virtual void restore(StateReader& in) = 0;

 protected:
  // weights ~ exp(logs), without overflow.
  void weigh(const std::vector<double>& logs);
  std::vector<double> weights_;
};

std::vector<std::string> aggregation_policies();
// {policy = "bernstein", discount = 0.999}; throws core::InputError for what it does not know.
std::unique_ptr<Aggregation> make_aggregation(const core::Reader& table);

// The mean of the opinions of those awake by their weights; with no weight among them, their plain mean. NaN where all
// sleep.
double aggregate_of(const std::vector<double>& opinions, const std::vector<double>& weights);

}  // namespace wordline::fab
