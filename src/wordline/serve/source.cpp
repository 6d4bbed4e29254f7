#include "wordline/serve/source.h"

#include <algorithm>

namespace wordline::serve {
namespace {

class OfWorkload final : public RequestSource {
 public:
  explicit OfWorkload(const Workload& workload) : requests_(workload.requests) {}
  std::optional<Request> next() override {
    if (next_ == requests_.size()) return {};
    return requests_[next_++];
  }
  std::uint64_t count() const override { return requests_.size(); }
  bool waits() const override {
    return std::any_of(requests_.begin(), requests_.end(), [](const Request& r) { return r.think.value() >= 0; });
  }

 private:
  const std::vector<Request>& requests_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<RequestSource> source_of(const Workload& workload) { return std::make_unique<OfWorkload>(workload); }

}  // namespace wordline::serve
