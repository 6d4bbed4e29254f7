#include "wordline/plan/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

namespace wordline::plan {

namespace {

std::string with_thousands(std::string digits) {
  for (int at = static_cast<int>(digits.size()) - 3; at > (digits[0] == '-' ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

// "6 % more", "nothing".
std::string gain_words(double factor) {
  const double percent = 100 * (factor - 1);
  if (std::abs(percent) < 0.5) return "nothing";
  return fmt::format("{:.0f} % {}", std::abs(percent), percent > 0 ? "more" : "less");
}

// What binds, what a quarter more of it would bring, and where the time goes.
std::string binding_sentence(const Outcome& o) {
  const auto share = [&](const char* name) {
    const auto& shares = o.replica.at.time_share_by_bound;
    const auto it = shares.find(name);
    return it == shares.end() ? 0.0 : 100 * it->second;
  };
  const std::string time =
      fmt::format("{:.0f} % of its time goes into memory traffic, {:.0f} % into arithmetic, {:.0f} % into links",
                  share("dram") + share("in_flight") + share("l2"), share("tensor") + share("vector"), share("link"));
  const double gain = 100 * gain_from(o.replica.gains, o.replica.binds);
  if (o.replica.binds == "SLO")
    return fmt::format("The promised wait binds: were it a quarter longer, a replica would serve {:.0f} % more; {}.",
                       gain, time);
  std::string what = o.replica.binds;
  what[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(what[0])));
  return fmt::format("{} binds: a quarter more of it would serve {:.0f} % more requests; {}.", what, gain, time);
}

// Says so where the cheapest is cheapest at a price that nobody states, and which one is at a stated price.
std::string price_sentence(const Plan& plan, const Outcome& best) {
  if (best.price_kind != "assumed") return "";
  const std::string what = plan.scenario.cost_choice == "rent" ? "rent" : "price";
  const Outcome* stated = plan.best_at_a_stated_price(best.candidate.model);
  if (!stated) return fmt::format(" Its {} is assumed.", what);
  return fmt::format(" Its {0} is assumed; at a published {0} the cheapest is {1}, USD {2}.", what,
                     replica_name(*stated),
                     plain(stated->bill.usd_per_mtok.map([](core::Usd x) { return x.value(); })));
}

std::string model_sentence(const Plan& plan, std::size_t model) {
  const std::string& title = plan.scenario.model_titles[model];
  const Outcome* best = plan.best(model);
  if (!best) return fmt::format("For {} no candidate keeps the promises and has a price.", title);
  const auto usd = best->bill.usd_per_mtok.map([](core::Usd x) { return x.value(); });
  const auto krw = best->bill.krw_per_mtok.map([](core::Krw x) { return x.value(); });
  return fmt::format("{} is cheapest on {}: USD {}, or KRW {}, per million output tokens.{} {}", title,
                     replica_name(*best), plain(usd), plain(krw), price_sentence(plan, *best), binding_sentence(*best));
}

// Which resource binds how many candidates, the rarer ones by name.
std::string binding_overview(const Plan& plan) {
  std::map<std::string, std::vector<std::string>> by_resource;
  std::size_t count = 0;
  for (const auto& o : plan.outcomes) {
    if (!o.replica.meets) continue;
    by_resource[o.replica.binds].push_back(
        fmt::format("{} ({})", short_name(o), plan.scenario.model_titles[o.candidate.model]));
    ++count;
  }
  std::string text;
  for (const auto& [resource, who] : by_resource) {
    const bool named = who.size() <= 4;
    text +=
        fmt::format("{}{} binds on {}", text.empty() ? "" : "; ", resource == "SLO" ? "the promised wait" : resource,
                    named ? fmt::format("{}", fmt::join(who, ", "))
                          : fmt::format("{} of the {} that keep the promises", who.size(), count));
  }
  return fmt::format("With {} prompt tokens for each token of an answer, {}.",
                     plain(plan.mean_prompt_tokens / plan.mean_output_tokens), text);
}

// "USD 299,000", "USD 1.66 million".
std::string dollars(double x) {
  if (x >= 1e6) return fmt::format("USD {} million", plain(x / 1e6));
  return "USD " + plain(static_cast<std::int64_t>(std::llround(x / 1000) * 1000));
}

}  // namespace

std::string plain(double x) {
  if (!std::isfinite(x)) return "-";
  const double size = std::abs(x);
  if (size >= 99.95) return with_thousands(fmt::format("{:.0f}", x));
  if (size >= 9.995) return fmt::format("{:.1f}", x);
  if (size >= 0.1 || size == 0) return fmt::format("{:.2f}", x);
  return fmt::format("{:.2g}", x);
}

std::string plain(std::int64_t count) { return with_thousands(std::to_string(count)); }

std::string plain(const core::Range<double>& range) {
  if (range.low == range.high) return plain(range.mid);
  return fmt::format("{} ({} to {})", plain(range.mid), plain(range.low), plain(range.high));
}

std::string format_name(const Candidate& candidate) {
  const std::string weights = chip::name_of(candidate.weights);
  return candidate.kv == candidate.weights ? weights : weights + ", KV " + chip::name_of(candidate.kv);
}

std::string replica_name(const Outcome& o) {
  return fmt::format("{} x {}, {}", o.candidate.tp, o.chip_title, format_name(o.candidate));
}

std::string short_name(const Outcome& o) {
  return fmt::format("{} x {}, {}", o.candidate.tp, o.candidate.chip, format_name(o.candidate));
}

std::string headline(const Plan& plan) {
  const Outcome* best = plan.best(0);
  const std::string people = plain(static_cast<std::int64_t>(plan.scenario.service.subscribers));
  const std::string& model = plan.scenario.model_titles[0];
  if (!best) return fmt::format("No candidate serves {} subscribers with {} within the promised waits.", people, model);
  return fmt::format("{} {} chips serve {} subscribers with {} for about {} a month.", plain(best->chips),
                     best->chip_title, people, model, dollars(best->bill.month.total().mid.value()));
}

std::string step_sentence(const Plan& plan, const StepOutcome& step) {
  const auto rate = [&](std::size_t i) { return step.variants[i].outcome.replica.max_rps; };
  const std::string head = fmt::format("{} on {} x {} ({}, {})", step.step.title, step.step.base.tp, step.base_title,
                                       plan.scenario.model_titles[step.step.base.model], format_name(step.step.base));
  if (rate(0) <= 0)
    return rate(3) > 0 ? fmt::format("{} makes it keep the promises, at {} requests/s.", head, plain(rate(3)))
                       : fmt::format("{} does not make it keep the promises.", head);
  return fmt::format(
      "{} serves {} requests (bandwidth alone buys {}, capacity alone {}): at the same price of the chip a token costs "
      "{:.0f} % less.",
      head, gain_words(rate(3) / rate(0)), gain_words(rate(1) / rate(0)), gain_words(rate(2) / rate(0)),
      100 * (1 - rate(0) / rate(3)));
}

std::vector<std::string> explanation(const Plan& plan) {
  std::vector<std::string> out;
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model) out.push_back(model_sentence(plan, model));
  if (plan.possible()) out.push_back(binding_overview(plan));
  for (const auto& step : plan.steps) out.push_back(step_sentence(plan, step));
  return out;
}

}  // namespace wordline::plan
