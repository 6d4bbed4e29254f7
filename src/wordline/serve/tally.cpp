#include "wordline/serve/tally.h"

namespace wordline::serve {

void Tally::add(const Ended& ended, const std::optional<Slo>& slo) {
  if (ended.status == Status::rejected) {
    ++rejected;
    return;
  }
  ++completed;
  input_tokens += ended.prompt_tokens;
  output_tokens += ended.output_tokens;
  ttft.add(ended.first - ended.arrival);
  e2el.add(ended.last - ended.arrival);
  queue.add(ended.begun - ended.arrival);
  if (ended.output_tokens > 1) {
    tpot.add((ended.last - ended.first) / (ended.output_tokens - 1));
    max_itl.add(ended.longest_gap);
  }
  if (slo && meets(served_of(ended), *slo)) ++good;
}

void Tally::merge(const Tally& other) {
  completed += other.completed;
  rejected += other.rejected;
  good += other.good;
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  ttft.merge(other.ttft);
  tpot.merge(other.tpot);
  e2el.merge(other.e2el);
  queue.merge(other.queue);
  max_itl.merge(other.max_itl);
}

Served served_of(const Ended& ended) {
  Served served{
      to_seconds(ended.arrival), {}, {}, ended.prompt_tokens, ended.output_tokens, ended.status, {}, {}, 0, 0};
  if (ended.status == Status::completed) {
    served.ttft = to_seconds(ended.first - ended.arrival);
    served.e2el = to_seconds(ended.last - ended.arrival);
    served.queue = to_seconds(ended.begun - ended.arrival);
    served.max_itl = to_seconds(ended.longest_gap);
    served.cached_tokens = ended.cached_tokens;
  }
  return served;
}

}  // namespace wordline::serve
