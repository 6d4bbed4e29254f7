#include "wordline/fab/metrology/metrology.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "wordline/core/error.h"

namespace wordline::fab {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// A document's values as text, locations apart.
void describe(const core::Value& value, std::string& out) {
  if (const auto* table = value.table()) {
    for (const auto& [key, inner] : *table) {
      out += key + "{";
      describe(inner, out);
      out += "}";
    }
  } else if (const auto* array = value.array()) {
    for (const auto& inner : *array) {
      out += "[";
      describe(inner, out);
      out += "]";
    }
  } else {
    out += value.describe();
  }
}

bool within(double label, const Limits& limits) {
  return (!limits.lower || label >= *limits.lower) && (!limits.upper || label <= *limits.upper);
}

}  // namespace

const char* name_of(Event event) {
  static constexpr const char* names[] = {"predicted", "measured",   "learned",    "repeated",
                                          "unknown",   "unreadable", "disbelieved"};
  return names[static_cast<int>(event)];
}

Metrology::Metrology(std::shared_ptr<const Bank> bank, std::vector<std::string> features, MetrologySettings settings)
    : bank_(std::move(bank)), features_(std::move(features)), settings_(settings) {
  if (settings_.warm_up == 0) settings_.warm_up = bank_->warm_up;
}

Metrology::Chamber Metrology::fresh() const {
  return {Stream(bank_, features_.size(), settings_.budget, settings_.warm_up), nothing,
          std::vector<std::string>(bank_->pending)};
}

const Stream* Metrology::stream(const std::string& chamber) const {
  const auto found = chambers_.find(chamber);
  return found == chambers_.end() ? nullptr : &found->second.stream;
}

Answer Metrology::take(const WaferRow& row) {
  auto found = chambers_.find(row.chamber);
  if (found != chambers_.end()) return answer(found->second, row);
  if (chambers_.size() >= most_chambers)
    throw core::InputError(row.where, fmt::format("the chamber \"{}\" after {} others", row.chamber, most_chambers),
                           "no more: is that column the chamber's?");
  return answer(chambers_.emplace(row.chamber, fresh()).first->second, row);
}

Answer Metrology::answer(Chamber& chamber, const WaferRow& row) {
  Answer answer;
  answer.prediction = {-1, nothing, nothing, nothing, nothing, chamber.stream.warm(), false, false};
  answer.learned.error = nothing;
  const auto known = chamber.numbers.find(row.wafer);
  const bool labelled = !std::isnan(row.label), believed = labelled && within(row.label, settings_.label_limits);
  const bool seen = row.missing < row.features.size() && 2 * row.missing < row.features.size();
  const auto learn = [&](std::int64_t wafer) {
    answer.learned = chamber.stream.learn(wafer, row.label);
    chamber.numbers.erase(row.wafer);
  };
  if (!seen) {
    if (!labelled) {
      answer.event = Event::unreadable;
    } else if (!believed) {
      answer.event = Event::disbelieved;
    } else if (known == chamber.numbers.end()) {
      answer.event = Event::unknown;
    } else {
      learn(known->second);
      answer.event = answer.learned.known ? Event::learned : Event::unknown;
    }
    return answer;
  }
  if (known != chamber.numbers.end()) {
    // Its features once more: the label alone may be new.
    answer.event = Event::repeated;
    if (believed) {
      learn(known->second);
      answer.event = answer.learned.known ? Event::learned : Event::unknown;
    }
    return answer;
  }
  answer.out_of_order = row.time < chamber.newest;
  if (!(row.time <= chamber.newest) && !std::isnan(row.time)) chamber.newest = row.time;
  answer.prediction = chamber.stream.predict(row.features.data());
  const auto number = answer.prediction.wafer;
  auto& name = chamber.names[static_cast<std::size_t>(number) % chamber.names.size()];
  const auto old = chamber.numbers.find(name);  // the wafer whose place this one takes
  if (old != chamber.numbers.end() && old->second == number - static_cast<std::int64_t>(chamber.names.size()))
    chamber.numbers.erase(old);
  name = row.wafer;
  chamber.numbers[row.wafer] = number;
  if (believed) {
    learn(number);
    answer.event = Event::measured;
  } else if (labelled) {
    answer.event = Event::disbelieved;
  }
  return answer;
}

// What must be the same for a state to go on: the bank's numbers, the features, the settings.
std::string Metrology::fingerprint() const {
  std::string text;
  describe(bank_->document, text);
  text += fmt::format("|{}|{}|", settings_.warm_up, settings_.budget);
  return text;
}

std::string Metrology::save() const {
  StateWriter out;
  out.text(bank_->name);
  out.text(fingerprint());
  out.integer(static_cast<std::int64_t>(features_.size()));
  for (const auto& feature : features_) out.text(feature);
  out.integer(static_cast<std::int64_t>(chambers_.size()));
  for (const auto& [name, chamber] : chambers_) {
    out.text(name);
    out.number(chamber.newest);
    chamber.stream.save(out);
    std::map<std::int64_t, std::string_view> ordered;
    for (const auto& [wafer, number] : chamber.numbers) ordered[number] = wafer;
    out.integer(static_cast<std::int64_t>(ordered.size()));
    for (const auto& [number, wafer] : ordered) {
      out.integer(number);
      out.text(wafer);
    }
  }
  return out.bytes();
}

void Metrology::restore(const std::string& bytes, const std::string& name) {
  StateReader in(bytes, name);
  const core::Location where{std::make_shared<std::string>(name)};
  const auto bank = in.text();
  if (bank != bank_->name)
    throw core::InputError(where, "a state of the bank \"" + bank + "\"", "one of \"" + bank_->name + "\"");
  if (in.text() != fingerprint())
    throw core::InputError(where, "a state of other settings: warm-up, budget or the bank's own numbers",
                           "the settings with which it was begun");
  const auto features = static_cast<std::size_t>(in.integer(0, 1 << 20));
  for (std::size_t i = 0; i < features; ++i) {
    const auto feature = in.text();
    if (i >= features_.size() || feature != features_[i])
      throw core::InputError(where, fmt::format("a state whose feature {} is \"{}\"", i + 1, feature),
                             i < features_.size() ? "\"" + features_[i] + "\", as in the wafers' header" : "no more");
  }
  if (features != features_.size())
    throw core::InputError(where, fmt::format("a state of {} features", features),
                           fmt::format("{}, as in the wafers' header", features_.size()));
  std::map<std::string, Chamber> chambers;
  const auto count = in.integer(0, static_cast<std::int64_t>(most_chambers));
  for (std::int64_t i = 0; i < count; ++i) {
    auto& chamber = chambers.emplace(in.text(), fresh()).first->second;
    chamber.newest = in.number();
    chamber.stream.restore(in);
    const auto remembered = in.integer(0, static_cast<std::int64_t>(chamber.names.size()));
    for (std::int64_t k = 0; k < remembered; ++k) {
      const auto number = in.integer(0, std::int64_t{1} << 60);
      const auto wafer = in.text();
      chamber.names[static_cast<std::size_t>(number) % chamber.names.size()] = wafer;
      chamber.numbers[wafer] = number;
    }
  }
  in.finish();
  chambers_ = std::move(chambers);
}

}  // namespace wordline::fab
