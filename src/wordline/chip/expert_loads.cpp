#include "wordline/chip/expert_loads.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>

namespace wordline::chip {

namespace {

constexpr int shuffles = 16;

// The experts' popularities, rising: evenly spaced quantiles of a power law.
std::vector<double> popularities(const Experts& w, std::int64_t rows) {
  const auto count = static_cast<std::size_t>(w.experts);
  const bool plenty = rows > w.experts;
  const double least = plenty ? 1 : 0.01, most = plenty ? std::max(0.8 * static_cast<double>(w.tokens), 1.6) : 2;
  const double power = 1 - w.skew;
  std::vector<double> out(count);
  for (std::size_t e = 0; e < count; ++e) {
    const double u = (static_cast<double>(e) + 0.5) / static_cast<double>(count);
    out[e] = std::abs(power) < 1e-9 ? least * std::pow(most / least, u)
                                    : std::pow(std::lerp(std::pow(least, power), std::pow(most, power), u), 1 / power);
  }
  return out;
}

// A linear congruential generator modulo 2^64 (Knuth's MMIX constants); its upper half is uniform enough to shuffle.
class Draw {
 public:
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state_ >> 32) * n >> 32);
  }

 private:
  std::uint64_t state_ = 1;
};

// Adds up to `left` rows to the emptiest experts of a rank, one at a time, none above `most`; how many found room.
std::int64_t fill(std::span<std::int64_t> rank, std::int64_t left, std::int64_t most) {
  std::sort(rank.begin(), rank.end());
  const std::int64_t wanted = left;
  for (std::size_t level = 1; left > 0; ++level) {  // the first `level` experts are as empty as each other
    const std::int64_t next = level < rank.size() ? rank[level] : most;
    const auto equal = static_cast<std::int64_t>(level);
    const std::int64_t each = std::min(next - rank[0], left / equal);
    for (std::size_t e = 0; e < level; ++e) rank[e] += each;
    left -= each * equal;
    if (rank[0] == next) {
      if (level == rank.size()) break;
      continue;
    }
    for (std::size_t e = level; left > 0; --left) ++rank[--e];
  }
  return wanted - left;
}

// Makes the rows of all experts, `here` of them a rank, add up: the ranks in turn give to their emptiest expert, or
// take from their fullest.
void balance(std::vector<std::int64_t>& rows, std::size_t here, std::int64_t left, std::int64_t most) {
  const std::size_t ranks = rows.size() / here;
  while (left > 0) {
    std::int64_t placed = 0;
    const std::int64_t turn = left / static_cast<std::int64_t>(ranks), over = left % static_cast<std::int64_t>(ranks);
    for (std::size_t r = 0; r < ranks; ++r)
      placed += fill(std::span(rows).subspan(r * here, here), turn + (static_cast<std::int64_t>(r) < over), most);
    if (placed == 0) break;
    left -= placed;
  }
  for (std::size_t r = 0; left < 0; r = (r + 1) % ranks) {
    const auto rank = std::span(rows).subspan(r * here, here);
    auto& fullest = *std::max_element(rank.begin(), rank.end());
    if (fullest > 0) --fullest, ++left;
  }
}

std::vector<ExpertLoad> skewed(const Experts& w) {
  const std::int64_t all = w.tokens * std::min(w.top_k, w.experts);
  auto popular = popularities(w, all);
  const double sum = std::accumulate(popular.begin(), popular.end(), 0.0);
  const std::size_t here = std::max<std::size_t>(1, popular.size() / static_cast<std::size_t>(w.ranks));
  const std::size_t count = popular.size() / here * here;
  const int times = w.ranks > 1 ? shuffles : 1;
  std::map<std::int64_t, double> classes;
  std::vector<std::int64_t> rows(count);
  Draw draw;
  for (int i = 0; i < times; ++i) {
    for (std::size_t e = popular.size(); times > 1 && e > 1; --e) std::swap(popular[e - 1], popular[draw.below(e)]);
    std::int64_t left = all;
    for (std::size_t e = 0; e < count; ++e) {
      const double share = popular[e] / sum * static_cast<double>(all);
      rows[e] = std::min(w.tokens, static_cast<std::int64_t>(std::llround(share)));
      left -= rows[e];
    }
    balance(rows, here, left, w.tokens);
    std::span<const std::int64_t> busiest;
    std::int64_t most = -1;
    for (std::size_t first = 0; first < count; first += here) {
      const auto rank = std::span<const std::int64_t>(rows).subspan(first, here);
      const auto total = std::accumulate(rank.begin(), rank.end(), std::int64_t{0});
      if (total > most) most = total, busiest = rank;
    }
    for (const std::int64_t each : busiest)
      if (each > 0) classes[each] += 1.0 / times;
  }
  std::vector<ExpertLoad> out;
  for (const auto& [each, experts] : classes) out.push_back({static_cast<double>(each), experts});
  return out;
}

// Every expert of the rank has its first row before any has a second.
std::vector<ExpertLoad> dealt(const Experts& w) {
  const std::int64_t here = std::max(1, w.experts / w.ranks);
  const std::int64_t all = w.tokens * std::min(w.top_k, w.experts);
  const std::int64_t rows = (all * here + w.experts - 1) / w.experts;  // the rank's part, rounded up
  const std::int64_t each = rows / here, over = rows % here;
  std::vector<ExpertLoad> out;
  if (over > 0) out.push_back({static_cast<double>(each + 1), static_cast<double>(over)});
  if (each > 0) out.push_back({static_cast<double>(each), static_cast<double>(here - over)});
  return out;
}

std::vector<ExpertLoad> placed_loads(const Experts& w) {
  const auto tokens = static_cast<double>(w.tokens);
  std::vector<ExpertLoad> out;
  const auto placement = placed(routing_of(w));
  for (const auto& [chance, experts] : w.mean_rank ? placement->mean : placement->fullest) {
    const double used = 1 - std::pow(1 - std::min(1.0, chance), tokens);
    if (used > 0) out.push_back({tokens * chance / used, experts * used});
  }
  return out;
}

}  // namespace

bool routed(const Experts& w) { return w.zipf > 0 || w.redundant > 0; }

ExpertRouting routing_of(const Experts& w) {
  return {w.experts, std::min(w.top_k, w.experts), w.ranks, w.zipf, w.balanced, w.redundant};
}

std::vector<ExpertLoad> expert_loads(const Experts& w) {
  if (w.tokens <= 0) return {};
  if (routed(w)) return placed_loads(w);
  if (w.skew > 0) return skewed(w);
  if (w.dealt) return dealt(w);
  const double here = std::max(1.0, static_cast<double>(w.experts) / w.ranks);
  const double chance = std::min(1.0, static_cast<double>(w.top_k) / w.experts);
  const auto tokens = static_cast<double>(w.tokens);
  const double used = 1 - std::pow(1 - chance, tokens);
  return {{tokens * chance / used, here * used}};
}

}  // namespace wordline::chip
