// The ranked table as text: each chip's best candidate; then the explanation as one paragraph.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "wordline/plan/words.h"

namespace wordline::plan {

namespace {

using Row = std::vector<std::string>;

Row row_of(const Outcome& o) {
  Row row = {o.candidate.chip, std::to_string(o.candidate.tp), format_name(o.candidate)};
  if (!o.replica.fits) {
    row.insert(row.end(),
               {"", "", "", "", "", "", "", fmt::format("{:.1f} GB short a chip", o.replica.short_gb), "", ""});
    return row;
  }
  if (!o.replica.meets) {
    row.insert(row.end(), {"", "", "", "", "", "", ""});
  } else {
    row.push_back(plain(o.replica.max_rps));
    row.push_back(plain(o.fleet.replicas()));
    row.push_back(plain(o.chips));
    row.push_back(plain(o.facility.in(core::watts(1000))));
    const auto usd = [](core::Usd x) { return x.value(); };
    row.push_back(o.bill.known ? fmt::format("{:.3f}", o.bill.month.total().mid.value() / 1e6) : "no price");
    const char* mark = o.price_kind == "assumed" ? " *" : "  ";
    row.push_back(o.bill.known ? fmt::format("{}{}", plain(o.bill.usd_per_mtok.map(usd)), mark) : "");
    row.push_back(o.bill.known ? plain(o.bill.krw_per_mtok.mid.value()) : "");
  }
  row.push_back(o.replica.meets ? o.replica.binds : "SLO: at best");
  row.push_back(fmt::format("{:.2f}", o.replica.at.ttft.p99.value()));
  row.push_back(fmt::format("{:.1f}", o.replica.at.tpot.p99.in(core::milliseconds(1))));
  return row;
}

std::string table_text(const std::vector<Row>& rows) {
  std::vector<std::size_t> width(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  const auto left = [](std::size_t column) { return column == 0 || column == 2 || column == 10; };
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += left(i) ? fmt::format("{:<{}}  ", row[i], width[i]) : fmt::format("{:>{}}  ", row[i], width[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

// Words set in lines of at most `columns` characters.
std::string wrapped(const std::string& text, std::size_t columns) {
  std::istringstream words(text);
  std::string out, line;
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > columns) {
      out += line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return out + line + "\n";
}

// The model's table, its chips in the order of their best candidates, and how many candidates it leaves out.
std::string model_text(const Plan& plan, std::size_t model) {
  std::vector<Row> rows = {{"chip", "tp", "format", "req/s", "replicas", "chips", "kW", "MUSD/month", "USD/Mtok",
                            "KRW/Mtok", "binds", "p99 TTFT s", "p99 TPOT ms"}};
  std::set<std::string> shown;
  int others = 0;
  bool assumed = false;
  for (const auto& outcome : plan.outcomes) {
    if (outcome.candidate.model != model) continue;
    if (!shown.insert(outcome.candidate.chip).second) {
      ++others;
      continue;
    }
    rows.push_back(row_of(outcome));
    assumed |= outcome.replica.meets && outcome.price_kind == "assumed";
  }
  std::string out = fmt::format("\n{}\n{}", plan.scenario.model_titles[model], table_text(rows));
  if (assumed) out += "* the chip's own price is assumed: nobody states one\n";
  if (others > 0)
    out += fmt::format("({} more, of the same chips in other groups and formats: --json, --report)\n", others);
  return out;
}

}  // namespace

std::string terminal_text(const Plan& plan) {
  const auto& demand = plan.demand;
  std::string out = fmt::format(
      "{}\n{} requests/s on average, {} in the peak hour, {} in the worst ten minutes; {} tokens in and {} out on "
      "average\n",
      plan.scenario.title, plain(demand.mean.value()), plain(demand.peak_hour.value()), plain(demand.burst.value()),
      plain(plan.mean_prompt_tokens), plain(plan.mean_output_tokens));
  for (std::size_t model = 0; model < plan.scenario.models.size(); ++model) out += model_text(plan, model);
  out += '\n';
  out += wrapped(fmt::format("{}", fmt::join(explanation(plan), " ")), 100);
  return out;
}

}  // namespace wordline::plan
