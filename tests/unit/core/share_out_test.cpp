#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <vector>

#include "wordline/core/parallel.h"

namespace wordline::core {
namespace {

// Each consumer sees every share, in order, the last one told; and no slot is filled while somebody still needs it.
TEST(ShareOut, GivesEachConsumerEveryShareInOrder) {
  for (const unsigned threads : {1u, 2u, 5u})
    for (const std::size_t consumers : {1u, 3u, 17u})
      for (const int shares : {1, 2, 40}) {
        constexpr std::size_t slots = 3;
        std::array<std::atomic<int>, slots> content{};
        std::array<std::atomic<std::size_t>, slots> readers{};
        std::vector<std::vector<int>> seen(consumers);
        std::vector<int> lasts(consumers, 0);
        int made = 0;
        share_out(
            consumers, threads, slots,
            [&](std::size_t slot) {
              if (readers[slot] != 0) throw std::logic_error("filled too early");
              content[slot] = made;
              readers[slot] = consumers;
              return ++made == shares;
            },
            [&](std::size_t c, std::size_t slot, bool last) {
              seen[c].push_back(content[slot]);
              lasts[c] += last;
              if (last) {
                EXPECT_EQ(seen[c].size(), static_cast<std::size_t>(shares));
              }
              --readers[slot];
            });
        for (std::size_t c = 0; c < consumers; ++c) {
          ASSERT_EQ(seen[c].size(), static_cast<std::size_t>(shares));
          for (int s = 0; s < shares; ++s) EXPECT_EQ(seen[c][static_cast<std::size_t>(s)], s);
          EXPECT_EQ(lasts[c], 1);
        }
      }
}

TEST(ShareOut, EndsAtTheFirstException) {
  for (const unsigned threads : {1u, 3u}) {
    int made = 0;
    const auto make = [&](std::size_t) { return ++made == 100; };
    EXPECT_THROW(share_out(4, threads, 2, make,
                           [](std::size_t c, std::size_t, bool) {
                             if (c == 2) throw std::runtime_error("no");
                           }),
                 std::runtime_error);
    EXPECT_LT(made, 100);
    EXPECT_THROW(share_out(
                     4, threads, 2, [](std::size_t) -> bool { throw std::runtime_error("no"); },
                     [](std::size_t, std::size_t, bool) {}),
                 std::runtime_error);
  }
}

}  // namespace
}  // namespace wordline::core
