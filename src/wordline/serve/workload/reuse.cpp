#include "wordline/serve/workload/reuse.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "wordline/core/error.h"
#include "wordline/serve/workload/names.h"

namespace wordline::serve {
namespace {

constexpr int bins_per_octave = 8;

// The smallest bin whose cache holds `blocks`, and the blocks of a bin's cache.
int bin_of(double blocks) { return static_cast<int>(std::ceil(std::log2(blocks) * bins_per_octave - 1e-9)); }
double size_of(int bin) { return std::floor(std::exp2(static_cast<double>(bin) / bins_per_octave) + 1e-6); }

// A block of content: its name, its tokens, and the tokens up to its end.
struct Block {
  std::uint64_t name;
  std::int64_t tokens, end;
};

// Cuts content into blocks from `limit` tokens of it; a last one that is not full is among them. Also cuts at `cut`,
// where the prompt ends: that block, if not full, is given besides in `partial`.
std::vector<Block> blocks_of(const Content& content, int size, std::int64_t cut, std::optional<Block>& partial) {
  std::vector<Block> out;
  TextName name;
  std::int64_t held = 0, at = 0;
  for (const auto& piece : content) {
    for (std::int64_t offset = 0; offset < piece.tokens;) {
      std::int64_t take = std::min<std::int64_t>(piece.tokens - offset, size - held);
      if (at < cut) take = std::min(take, cut - at);
      name.add(piece.text);
      name.add(static_cast<std::uint64_t>(offset));
      name.add(static_cast<std::uint64_t>(take));
      offset += take;
      held += take;
      at += take;
      if (held == size) {
        out.push_back({name.value(), held, at});
        held = 0;
      } else if (at == cut) {
        partial = Block{name.value(), held, at};
      }
    }
  }
  return out;
}

}  // namespace

// Blocks by when they were last used, and how many others were used since.
class ReuseMeter::Stack {
 public:
  explicit Stack(std::size_t most) : most_(most), tree_(1024) {}

  bool follows(std::uint64_t name) const { return mixed(name, 0) <= threshold_; }
  double share() const { return std::ldexp(static_cast<double>(threshold_) + 1, -64); }
  double distinct() const { return distinct_; }

  // Distinct blocks used after this one was, itself counted; nothing where it never was.
  std::optional<std::uint64_t> distance(std::uint64_t name) const {
    const auto found = last_.find(name);
    if (found == last_.end()) return {};
    return last_.size() - before(found->second) + 1;
  }
  void use(std::uint64_t name) {
    const auto [found, fresh] = last_.try_emplace(name, 0);
    if (fresh) {
      distinct_ += 1 / share();
    } else {
      change(found->second, -1);
      found->second = 0;
    }
    if (clock_ + 1 == tree_.size()) renumber();
    last_[name] = ++clock_;
    change(clock_, 1);
    if (last_.size() > most_) {
      threshold_ /= 2;
      std::erase_if(last_, [&](const auto& entry) { return !follows(entry.first); });
      renumber();
    }
  }

 private:
  // A Fenwick tree over times of last use: 1 where a block has it.
  std::uint64_t before(std::size_t time) const {  // and at
    std::uint64_t sum = 0;
    for (; time > 0; time &= time - 1) sum += tree_[time];
    return sum;
  }
  void change(std::size_t time, std::int32_t by) {
    for (; time > 0 && time < tree_.size(); time += time & (~time + 1)) tree_[time] += static_cast<std::uint32_t>(by);
  }
  // Counts times from 1 again, in a tree of at least four for each block.
  void renumber() {
    std::vector<std::pair<std::size_t, std::uint64_t>> order;
    for (const auto& [name, time] : last_)
      if (time > 0) order.emplace_back(time, name);
    std::sort(order.begin(), order.end());
    tree_.assign(std::max(tree_.size(), 4 * last_.size()), 0);
    clock_ = 0;
    for (const auto& [time, name] : order) {
      last_[name] = ++clock_;
      change(clock_, 1);
    }
  }
  std::size_t most_;
  std::uint64_t threshold_ = ~std::uint64_t{0};
  std::unordered_map<std::uint64_t, std::size_t> last_;
  std::vector<std::uint32_t> tree_;
  std::size_t clock_ = 0;
  double distinct_ = 0;
};

ReuseMeter::ReuseMeter(int block_size, std::size_t most) {
  if (block_size < 1) throw core::InputError("a block must have 1 token or more");
  reuse_.block_size = block_size;
  stack_ = std::make_unique<Stack>(most);
}
ReuseMeter::~ReuseMeter() = default;

void ReuseMeter::add(const Request& request) {
  const std::int64_t prompt = request.prompt_tokens, size = reuse_.block_size;
  reuse_.blocks += static_cast<std::uint64_t>((prompt + size - 1) / size);
  reuse_.tokens += static_cast<std::uint64_t>(prompt);
  if (!request.content) return;
  std::optional<Block> partial;
  const auto blocks = blocks_of(*request.content, reuse_.block_size, prompt, partial);
  const auto look_up = [&](const Block& block, bool full) {
    if (!stack_->follows(block.name)) return;
    const auto distance = stack_->distance(block.name);
    if (!distance) return;
    const double weight = 1 / stack_->share();
    reuse_.found += weight;
    if (full) reuse_.found_tokens += weight * static_cast<double>(block.tokens);
    by_size_[bin_of(static_cast<double>(*distance) * weight)] += weight;
  };
  for (const auto& block : blocks)
    if (block.end <= prompt) look_up(block, true);
  if (partial) {
    look_up(*partial, false);
    if (stack_->follows(partial->name)) stack_->use(partial->name);
  }
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
    if (stack_->follows(block->name)) stack_->use(block->name);
}

Reuse ReuseMeter::result() const {
  Reuse out = reuse_;
  out.sampled = stack_->share();
  out.distinct_blocks = stack_->distinct();
  double sum = 0;
  if (!by_size_.empty())
    for (int bin = by_size_.begin()->first; bin <= by_size_.rbegin()->first; ++bin) {
      if (const auto found = by_size_.find(bin); found != by_size_.end()) sum += found->second;
      const double size = size_of(bin);
      if (!out.curve.empty() && out.curve.back().cache_blocks == size)
        out.curve.back().found = sum;
      else
        out.curve.push_back({size, sum});
    }
  return out;
}

}  // namespace wordline::serve
