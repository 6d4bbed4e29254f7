#include "workload_options.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "wordline/core/error.h"
#include "wordline/serve/trace.h"
#include "wordline/serve/workload/generator.h"
#include "wordline/serve/workload/replay.h"
#include "wordline/serve/workload/servegen.h"

namespace wordline::cli {

namespace {

constexpr std::uint64_t drawn_by_default = 1000;

[[noreturn]] void refuse(const char* option, std::string_view found, const std::string& wanted) {
  throw core::UsageError(fmt::format("{}: found \"{}\"; wanted {}", option, found, wanted));
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  while (true) {
    const auto end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

// "100-2000", or one number for both ends.
std::optional<serve::TokenRange> range(std::string_view text) {
  const auto ends = split(text, '-');
  const auto low = number<std::int32_t>(ends.front()), high = number<std::int32_t>(ends.back());
  if (!low || !high || ends.size() > 2) return {};
  return serve::TokenRange{*low, *high};
}

// "1200/1.5": mean and variation.
std::optional<serve::TokenSpread> spread(std::string_view text) {
  const auto parts = split(text, '/');
  const auto mean = number<double>(parts.front()), cv = number<double>(parts.back());
  if (parts.size() != 2 || !mean || !cv) return {};
  return serve::TokenSpread{*mean, *cv};
}

serve::LengthLaw lengths_of(const WorkloadOptions& options, const core::Catalog& catalog) {
  const std::string& text = options.lengths;
  const auto parts = split(text, ':');
  if (parts.size() == 1 && text != "fixed" && text != "uniform" && text != "lognormal")
    return serve::quantile_lengths(serve::LengthModel::from_catalog(catalog, text));
  if (parts.size() == 3 && parts[0] == "lognormal") {
    const auto prompt = spread(parts[1]), output = spread(parts[2]);
    if (prompt && output) return serve::lognormal_lengths(*prompt, *output, options.correlation);
  } else if (parts.size() == 3 && (parts[0] == "uniform" || parts[0] == "fixed")) {
    const auto prompt = range(parts[1]), output = range(parts[2]);
    if (prompt && output) return serve::uniform_lengths(*prompt, *output);
  }
  refuse("--lengths", text,
         "a name in catalog/services, fixed:PROMPT:OUTPUT, uniform:LOW-HIGH:LOW-HIGH or lognormal:MEAN/CV:MEAN/CV");
}

serve::Turns turns_of(const std::string& text) {
  serve::Turns out;
  if (text.starts_with("geometric:")) {
    if (const auto mean = number<double>(std::string_view(text).substr(10)); mean && *mean >= 1) {
      out.mean = *mean;
      return out;
    }
  } else if (const auto turns = range(text)) {
    out.low = turns->low, out.high = turns->high;
    return out;
  }
  refuse("--turns", text, "a number, LOW-HIGH or geometric:MEAN");
}

serve::Gaps gaps_of(const WorkloadOptions& options) {
  if (!(options.burstiness > 0)) throw core::UsageError("--burstiness must be above 0");
  const double cv = options.cv.value_or(1 / std::sqrt(options.burstiness));
  return serve::Gaps::named(options.arrivals.empty() ? "gamma" : options.arrivals, cv);
}

std::vector<double> day_of(const std::string& text, const core::Catalog& catalog) {
  const auto words = split(text, ',');
  std::vector<double> out;
  if (words.size() == 1) {
    out = serve::LengthModel::from_catalog(catalog, text).day();
    if (out.empty()) refuse("--day", text, "a file in catalog/services that has a day");
    return out;
  }
  for (const auto word : words) {
    const auto factor = number<double>(word);
    if (!factor) refuse("--day", word, "a number");
    out.push_back(*factor);
  }
  if (out.size() != 24) refuse("--day", text, "24 numbers with commas between, or a name in catalog/services");
  return out;
}

serve::RateCurve rate_of(const WorkloadOptions& options, const core::Catalog& catalog) {
  const double rate = options.request_rate.value_or(1);
  if (options.stages.empty())
    return options.day.empty() ? serve::RateCurve::constant(rate)
                               : serve::RateCurve::day(rate, day_of(options.day, catalog));
  if (!options.day.empty() || options.request_rate)
    throw core::UsageError("--stage takes the place of --request-rate and --day");
  std::vector<serve::Stage> stages;
  for (const auto& text : options.stages) {
    const auto parts = split(text, ':');
    const auto per_second = number<double>(parts.front()), seconds = number<double>(parts.back());
    if (parts.size() != 2 || !per_second || !seconds) refuse("--stage", text, "RATE:SECONDS");
    stages.push_back({*per_second, core::Seconds(*seconds)});
  }
  return serve::RateCurve::stages(std::move(stages));
}

// Whether arrivals are to be drawn, even for a trace.
bool draws_arrivals(const WorkloadOptions& options) {
  return !options.arrivals.empty() || options.cv || options.burstiness != 1 || !options.stages.empty() ||
         !options.day.empty();
}

core::Seconds duration_of(const WorkloadOptions& options) {
  if (!(options.from_s >= 0)) throw core::UsageError("--from must be 0 or above");
  if (options.duration_s && !(*options.duration_s > 0)) throw core::UsageError("--duration must be above 0");
  return core::Seconds(options.duration_s.value_or(std::numeric_limits<double>::infinity()));
}

NamedSource drawn(const WorkloadOptions& options, const core::Catalog& catalog, std::uint64_t seed) {
  serve::Generator generator;
  generator.lengths = lengths_of(options, catalog);
  generator.gaps = gaps_of(options);
  generator.rate = rate_of(options, catalog);
  generator.users = options.users;
  if (options.users > 0 && (options.request_rate || draws_arrivals(options)))
    throw core::UsageError("--users send when they are answered: no rate and no law of arrivals goes with them");
  if (options.num_prompts && *options.num_prompts < 1) throw core::UsageError("--num-prompts must be 1 or more");
  const bool ends = !options.stages.empty() && options.users == 0;
  generator.requests = options.num_prompts.value_or(ends ? 0 : drawn_by_default);
  generator.turns = turns_of(options.turns);
  generator.think = core::Seconds(options.think_s);
  generator.think_cv = options.think_cv;
  generator.prefix_tokens = options.prefix_len;
  generator.prefixes = options.num_prefixes;
  generator.prefix_zipf = options.prefix_zipf;
  if (options.max_context > 0) generator.longest_context = options.max_context;
  return {serve::generated(std::move(generator), seed), options.lengths, {}};
}

NamedSource of_pool(const WorkloadOptions& options, std::uint64_t seed) {
  const auto pool = std::make_shared<const serve::ServegenPool>(serve::read_servegen(options.traces, options.pool));
  serve::ServegenPart part{core::Seconds(options.from_s), duration_of(options), options.speed};
  if (options.request_rate) {
    const double to = std::min(options.from_s + part.duration.value(), pool->end_s);
    const double mean = pool->expected(options.from_s, to) / (to - options.from_s);
    if (mean > 0) part.rate_factor = *options.request_rate / mean;
  }
  return {serve::source_of(pool, part, seed), pool->name, pool->warnings};
}

// The source, and whether its arrivals are drawn, which --request-rate asks for where the file tells none.
NamedSource of_trace(const WorkloadOptions& options, std::uint64_t seed, bool& draws) {
  if (options.traces.size() > 1)
    throw core::UsageError("several files are read together only where they are parts of a ServeGen pool");
  serve::TraceOptions how{core::Seconds(options.from_s), duration_of(options), options.characters_per_token};
  auto read = serve::read_recorded(options.traces.front(), how);
  const auto workload = std::make_shared<const serve::Workload>(std::move(read.workload));
  serve::Copies copies{options.repeat, options.copies, !options.own_texts, options.speed};
  draws = draws_arrivals(options) || (options.request_rate && !read.timed);
  const double span = workload->span().value();
  if (options.request_rate && read.timed && !draws_arrivals(options)) {
    if (!(span > 0)) throw core::UsageError("--request-rate: all requests of this trace arrive at once");
    const double rate = static_cast<double>(workload->requests.size() - 1) / span;
    copies.speed = *options.request_rate / (rate * options.copies);
  }
  if (!read.timed && !draws)
    read.warnings.emplace_back("the file tells no arrivals: all requests arrive at once (--request-rate draws them)");
  return {serve::replayed(workload, copies, seed), workload->name, std::move(read.warnings)};
}

}  // namespace

void WorkloadOptions::add_to(Args& args) {
  args.option("--trace", traces, "CSV or JSON of any known form, or a ServeGen pool (repeated: its parts)")
      .called("FILE");
  args.option("--pool", pool, "which pool of several").called("FOLDER");
  args.option("--from", from_s, "seconds of the trace to leave out");
  args.option("--duration", duration_s, "seconds of the trace to take").called("SECONDS");
  args.option("--characters-per-token", characters_per_token, "counts texts without a count of tokens");
  args.option("--speed", speed, "arrivals of a trace so many times as fast");
  args.option("--thin", thin, "share of the sessions or requests that is kept");
  args.option("--repeat", repeat, "a trace so many times, one after the other");
  args.option("--copies", copies, "a trace so many times at once, moved at random");
  args.option("--own-texts", own_texts, "copies at once share no prefix");
  args.option("--lengths", lengths,
              "instead of a trace: NAME in catalog/services, fixed:P:O, uniform:A-B:C-D, "
              "lognormal:MEAN/CV:MEAN/CV")
      .called("LAW");
  args.option("--correlation", correlation, "rank correlation of lognormal lengths");
  args.option("--request-rate", request_rate, "requests, or conversations that begin, per second; 1 where drawn")
      .called("RATE");
  args.option("--burstiness", burstiness, "shape of Gamma distributed gaps; 1 is Poisson");
  args.option("--cv", cv, "coefficient of variation of the gaps, instead").called("CV");
  args.option("--arrivals", arrivals, "law of the gaps: poisson, gamma, weibull, constant").called("LAW");
  args.option("--stage", stages, "a rate for a while (repeatable)").called("RATE:SECONDS");
  args.option("--day", day, "rates over a day: 24 factors, or a name in catalog/services").called("DAY");
  args.option("--num-prompts", num_prompts, "how many requests; 1000 where drawn").called("N");
  args.option("--turns", turns, "of a conversation: N, LOW-HIGH or geometric:MEAN");
  args.option("--think", think_s, "mean seconds from an answer to the next question");
  args.option("--think-cv", think_cv, "its coefficient of variation; 1: exponential, 0: constant");
  args.option("--max-context", max_context, "longest prompt and answer of a conversation; 0: no bound");
  args.option("--users", users, "so many who wait for their answers, instead of a rate");
  args.option("--prefix-len", prefix_len, "tokens of the system prompt");
  args.option("--num-prefixes", num_prefixes, "system prompts");
  args.option("--prefix-zipf", prefix_zipf, "exponent of their popularity; 0: all alike");
}

NamedSource source_of(const WorkloadOptions& options, const core::Catalog& catalog, std::uint64_t seed) {
  if (options.traces.empty() == options.lengths.empty())
    throw core::UsageError("give either --trace FILE or --lengths NAME");
  if (options.request_rate && !(*options.request_rate > 0)) throw core::UsageError("--request-rate must be above 0");
  if (options.lengths.empty() && (options.users > 0 || options.turns != "1" || options.prefix_len > 0))
    throw core::UsageError("--users, --turns and --prefix-len go with --lengths: a trace has its own");
  const bool pool = !options.traces.empty() && serve::is_servegen(options.traces.front());
  if (!options.lengths.empty() || pool)
    if (options.repeat != 1 || options.copies != 1)
      throw core::UsageError("--repeat and --copies go with a trace: ask for more requests instead");
  bool draws = draws_arrivals(options);
  NamedSource out = !options.lengths.empty() ? drawn(options, catalog, seed)
                    : pool                   ? of_pool(options, seed)
                                             : of_trace(options, seed, draws);
  if (!options.lengths.empty()) return out;
  // Streams of the seed apart from those of the sources below.
  if (options.thin != 1) out.source = serve::thinned(std::move(out.source), options.thin, seed + 1);
  if (draws) out.source = serve::paced(std::move(out.source), gaps_of(options), rate_of(options, catalog), seed + 2);
  if (options.num_prompts) out.source = serve::first_of(std::move(out.source), *options.num_prompts);
  return out;
}

}  // namespace wordline::cli
