#include "wordline/core/scoring.h"

namespace wordline::core {
namespace {

TEST(Scoring, ErrorsAreRelativeToWhatWasMeasured) {
  const Errors e = errors_of({{100, 110, 90, 120}, {100, 80, 70, 90}, {200, 200, 190, 210}, {10, 14, 10, 16}});
  EXPECT_EQ(e.n, 4u);
  EXPECT_NEAR(e.mean, (0.1 + 0.2 + 0.0 + 0.4) / 4, 1e-12);
  EXPECT_NEAR(e.median, 0.15, 1e-12);
  EXPECT_NEAR(e.p90, 0.2 + 0.7 * 0.2, 1e-12);  // between the third and the fourth of four
  EXPECT_NEAR(e.bias, (0.1 - 0.2 + 0.0 + 0.4) / 4, 1e-12);
  EXPECT_EQ(e.within, 0.75);
  EXPECT_EQ(errors_of({}).n, 0u);
}

TEST(Scoring, GroupsAndAllTogether) {
  Scores scores;
  EXPECT_TRUE(scores.empty());
  scores.add("b", {1, 2, 0, 0});
  scores.add("a", {1, 1, 0, 0});
  const auto errors = scores.errors();
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors[0].first, "all");
  EXPECT_NEAR(errors[0].second.mean, 0.5, 1e-12);
  EXPECT_EQ(errors[1].first, "a");
  EXPECT_EQ(errors[2].second.n, 1u);
  EXPECT_NE(scores.text().find("+100.0%"), std::string::npos);
}

// FNV-1a of 64 bits is published with test vectors: "a" hashes to 0xaf63dc4c8601ec8c, "foobar" to 0x85944171f73967e8
// (Eastlake, Fowler, Noll: the FNV non-cryptographic hash algorithm, appendix C).
TEST(Scoring, RowsForFittingByTheHashOfTheirShape) {
  const Csv table = Csv::parse("us,x\n5,a\n7,foobar\n", "t");
  EXPECT_EQ(for_fitting(table, 0), 0xaf63dc4c8601ec8cULL % 5 == 0);
  EXPECT_EQ(for_fitting(table, 1), 0x85944171f73967e8ULL % 5 == 0);
  const Csv other = Csv::parse("x,us\na,1\n", "t");
  EXPECT_EQ(for_fitting(table, 0), for_fitting(other, 0)) << "what was measured plays no part";
  std::string many = "x,y\n";
  for (int i = 0; i < 2000; ++i) many += std::to_string(i) + ",z\n";
  const Csv rows = Csv::parse(many, "t");
  int chosen = 0;
  for (std::size_t i = 0; i < rows.rows(); ++i) chosen += for_fitting(rows, i);
  EXPECT_NEAR(chosen, 400, 60);
}

TEST(Scoring, PredictionsStandBesideTheirRows) {
  const Csv table = Csv::parse("name,us\n\"a,b\",5\nc,7\n", "t");
  EXPECT_EQ(with_predictions(table, {Prediction{1.5, 1, 2, "link"}, std::nullopt}),
            "name,us,predicted_us,bound,low_us,high_us\n\"a,b\",5,1.5,link,1,2\n");
}

}  // namespace
}  // namespace wordline::core
