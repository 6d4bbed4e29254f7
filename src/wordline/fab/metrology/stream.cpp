#include "wordline/fab/metrology/stream.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace wordline::fab {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// Each expert's opinion, NaN where it sleeps or says no number.
void ask(const std::vector<std::unique_ptr<Expert>>& experts, const double* x, std::int64_t wafer,
         std::vector<double>& opinions) {
  opinions.resize(experts.size());
  for (std::size_t i = 0; i < experts.size(); ++i) {
    const auto said = experts[i]->predict(x, wafer);
    opinions[i] = said && std::isfinite(*said) ? *said : nothing;
  }
}

}  // namespace

Stream::Stream(std::shared_ptr<const Bank> bank, std::size_t features, double budget, std::size_t warm_up)
    : bank_(std::move(bank)),
      features_(features),
      warm_up_(warm_up),
      early_{features, {}, {}},
      conformal_(bank_->conformal),
      drift_(bank_->drift),
      shift_(bank_->shift),
      sampler_(budget, bank_->reserve),
      pending_(bank_->pending) {}

const std::vector<double>& Stream::weights() const {
  static const std::vector<double> none;
  return warm_ ? aggregation_->weights() : none;
}

void Stream::advise(const std::vector<double>& features, Waiting& entry) {
  ask(experts_, features.data(), wafers_ - warm_at_, opinions_);
  entry.advice.opinions = opinions_;
  entry.advice.aggregate = aggregate_of(opinions_, aggregation_->weights());
  entry.age = wafers_ - newest_labelled_;
  entry.half_width = conformal_.half_width(entry.age);
}

const Prediction& Stream::predict(const double* raw) {
  Waiting& entry = waiting(wafers_);
  entry.wafer = wafers_;
  Prediction& p = prediction_;
  p = {wafers_, nothing, nothing, nothing, 1, warm_, false, false};
  if (!warm_) {
    entry.features.assign(raw, raw + features_);
    entry.advice.opinions.clear();
    if (early_.rows() > 0) p.value = level_;
    p.measure = true;
  } else {
    entry.features.resize(standardiser_.features());
    standardiser_.apply(raw, entry.features.data());
    advise(entry.features, entry);
    p.value = entry.advice.aggregate;
    p.low = p.value - entry.half_width;
    p.high = p.value + entry.half_width;
    const auto seen = shift_.see(entry.features.data());
    p.distance = seen.distance;
    p.shift = seen.shift;
    p.measure = sampler_.measure(seen.novel || attention_);
    if (p.measure) attention_ = false;
  }
  ++wafers_;
  return p;
}

Learned Stream::learn(std::int64_t wafer, double label) {
  if (wafer < 0 || wafer >= wafers_ || waiting(wafer).wafer != wafer || !(std::abs(label) <= largest_label)) return {};
  Waiting& entry = waiting(wafer);
  entry.wafer = -1;
  Learned learned{true, false, nothing};
  newest_labelled_ = std::max(newest_labelled_, wafer);
  if (!warm_) {
    if (early_.rows() > 0) learned.error = level_ - label;
    early_.add(entry.features.data(), label);
    level_ += (label - level_) / static_cast<double>(early_.rows());
    if (early_.rows() >= warm_up_) begin();
    return learned;
  }
  if (!entry.advice.opinions.empty()) {
    learned.error = entry.advice.aggregate - label;
    aggregation_->learn(entry.advice, label);
    if (entry.half_width > 0) learned.drift = drift_.sees(-learned.error * bank_->deviations / entry.half_width);
    attention_ = attention_ || learned.drift;
    conformal_.learn(learned.error, entry.age);
  }
  for (const auto& expert : experts_) expert->learn(entry.features.data(), label, wafer - warm_at_);
  return learned;
}

// The warm-up is over: features are standardised, those of the wafers that wait too, and the experts fitted.
void Stream::begin() {
  standardiser_ = Standardiser(early_, bank_->clip);
  Labelled rows{standardiser_.features(), {}, {}};
  std::vector<double> standardised(rows.features);
  const auto standardise = [&](const double* raw) { standardiser_.apply(raw, standardised.data()); };
  for (std::size_t i = 0; i < early_.rows(); ++i) {
    standardise(early_.row(i));
    rows.add(standardised.data(), early_.y[i]);
  }
  for (auto& entry : pending_) {
    if (entry.wafer < 0) continue;
    standardise(entry.features.data());
    entry.features = standardised;
  }
  early_ = rows;
  rehearse();
  experts_ = bank_->make_experts();
  for (const auto& expert : experts_) expert->start(early_);
  aggregation_ = bank_->make_aggregation();
  aggregation_->start(experts_.size());
  shift_.start(rows.features);
  for (std::size_t i = 0; i < early_.rows(); ++i) shift_.see(early_.row(i));
  warm_ = true;
  warm_at_ = wafers_;
  early_ = {features_, {}, {}};
}

// How wrong the bank is on the last third of the warm-up after it began on the rest, where labels come as late as each
// of the bank's ages says: where the intervals start from.
void Stream::rehearse() {
  const std::size_t begin = early_.rows() * 2 / 3;
  const auto n = static_cast<std::int64_t>(early_.rows() - begin);
  for (const std::int64_t lag : bank_->ages) {
    const auto experts = bank_->make_experts();
    const auto aggregation = bank_->make_aggregation();
    for (const auto& expert : experts) expert->start(early_.part(0, begin));
    aggregation->start(experts.size());
    std::vector<double> errors;
    std::vector<Advice> advices;
    double ages = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const auto row = [&](std::int64_t k) { return begin + static_cast<std::size_t>(k); };
      if (const std::int64_t due = i - lag; due >= 0) {
        aggregation->learn(advices[static_cast<std::size_t>(due)], early_.y[row(due)]);
        for (const auto& expert : experts) expert->learn(early_.row(row(due)), early_.y[row(due)], due);
      }
      Advice& advice = advices.emplace_back();
      ask(experts, early_.row(row(i)), i, advice.opinions);
      advice.aggregate = aggregate_of(advice.opinions, aggregation->weights());
      errors.push_back(std::abs(advice.aggregate - early_.y[row(i)]));
      ages += static_cast<double>(std::min(lag, i + 1));
    }
    conformal_.rehearse(ages / static_cast<double>(n), std::move(errors));
  }
  conformal_.begin();
}

void Stream::save(StateWriter& out) const {
  out.integer(warm_);
  for (const auto x : {wafers_, warm_at_, newest_labelled_}) out.integer(x);
  out.number(level_);
  out.numbers(early_.x);
  out.numbers(early_.y);
  sampler_.save(out);
  out.integer(attention_);
  if (warm_) {
    standardiser_.save(out);
    for (const auto& expert : experts_) expert->save(out);
    aggregation_->save(out);
    conformal_.save(out);
    drift_.save(out);
    shift_.save(out);
  }
  out.integer(std::count_if(pending_.begin(), pending_.end(), [](const Waiting& w) { return w.wafer >= 0; }));
  for (const auto& entry : pending_) {
    if (entry.wafer < 0) continue;
    out.integer(entry.wafer);
    out.numbers(entry.features);
    out.numbers(entry.advice.opinions);
    out.number(entry.advice.aggregate);
    out.number(entry.half_width);
    out.integer(entry.age);
  }
}

void Stream::restore(StateReader& in) {
  warm_ = in.integer(0, 1) == 1;
  wafers_ = in.integer(0, std::int64_t{1} << 60);
  warm_at_ = in.integer(0, wafers_);
  newest_labelled_ = in.integer(-1, wafers_ - 1);
  level_ = in.number();
  early_.x = in.numbers();
  early_.y = in.finite(in.numbers());
  if (early_.x.size() != early_.rows() * features_ || early_.rows() >= warm_up_) in.fail("a warm-up of another size");
  sampler_.restore(in);
  attention_ = in.integer(0, 1) == 1;
  if (warm_) {
    standardiser_.restore(in, features_);
    experts_ = bank_->make_experts();
    for (const auto& expert : experts_) expert->restore(in, standardiser_.features());
    aggregation_ = bank_->make_aggregation();
    aggregation_->start(experts_.size());
    aggregation_->restore(in);
    conformal_.restore(in);
    drift_.restore(in);
    shift_.restore(in, standardiser_.features());
  }
  const std::size_t width = warm_ ? standardiser_.features() : features_;
  const auto entries = in.integer(0, static_cast<std::int64_t>(pending_.size()));
  for (std::int64_t i = 0; i < entries; ++i) {
    const auto wafer = in.integer(0, wafers_ - 1);
    Waiting& entry = waiting(wafer);
    entry.wafer = wafer;
    entry.features = in.numbers(width);
    entry.advice.opinions = in.numbers();
    if (!entry.advice.opinions.empty() && entry.advice.opinions.size() != experts_.size()) in.fail("other experts");
    entry.advice.aggregate = in.number();
    entry.half_width = in.number();
    entry.age = in.integer();
  }
}

}  // namespace wordline::fab
