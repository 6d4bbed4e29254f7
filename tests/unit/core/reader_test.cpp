#include "wordline/core/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wordline::core {
namespace {

using testing::HasSubstr;

std::string message_of(auto&& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Reader, ReadsQuantitiesRangesAndLists) {
  const Value root =
      parse_toml("time = \"350 ns\"\nprice = {low = \"2 USD/h\", high = \"4 USD/h\"}\nn = [1, 2]\nname = \"x\"\n", "f");
  const Reader reader(root);
  EXPECT_DOUBLE_EQ(reader.quantity<Seconds>("time").in(nanoseconds(1)), 350);
  EXPECT_DOUBLE_EQ(reader.range<UsdPerHour>("price").mid.value() * 3600, 3);
  EXPECT_EQ(reader.integers("n"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(reader.text("name"), "x");
  EXPECT_NO_THROW(reader.finish());
}

TEST(Reader, SaysWhatWasFoundAndWanted) {
  const Value root = parse_toml("t = \"350 GB\"\nn = -1\nc = \"chunkd\"\ns = \"5 nx\"\n", "f.toml");
  const Reader reader(root);
  EXPECT_THAT(message_of([&] { reader.quantity<Seconds>("t"); }),
              HasSubstr("f.toml:1:5: found the string \"350 GB\"; wanted a time"));
  EXPECT_THAT(message_of([&] { reader.integer("n", 0); }), HasSubstr("a whole number of at least 0"));
  EXPECT_THAT(message_of([&] { reader.choice("c", {"chunked", "whole"}); }), HasSubstr("did you mean \"chunked\"?"));
  EXPECT_THAT(message_of([&] { reader.quantity<Seconds>("s"); }), HasSubstr("no known unit"));
}

TEST(Reader, MisspeltAndUnknownKeysNameTheNearest) {
  const Value root = parse_toml("[service]\nsubscriberz = 4\n", "f.toml");
  const Reader reader(root);
  const Reader service = reader.table("service");
  const std::string missing = message_of([&] { service.integer("subscribers"); });
  EXPECT_THAT(missing, HasSubstr("f.toml:2:15"));
  EXPECT_THAT(missing, HasSubstr("did you mean \"subscribers\"?"));
  EXPECT_THAT(message_of([&] { service.finish(); }), HasSubstr("unknown key \"service.subscriberz\""));
}

TEST(Reader, CatalogueNumbersNeedSourceAndKind) {
  Facts facts;
  const Value good = parse_toml(
      "[sources]\njesd = \"JESD79-5\"\n[t]\nsource = \"jesd\"\nkind = \"standard\"\na = 3\n"
      "b = {value = \"5 ns\", source = \"a guess\", kind = \"assumed\"}\n",
      "f");
  const Reader reader(good, &facts, "parts/x");
  const Reader t = reader.table("t");
  EXPECT_EQ(t.integer("a"), 3);
  EXPECT_DOUBLE_EQ(t.quantity<Seconds>("b").in(nanoseconds(1)), 5);
  t.quantity<Seconds>("b");
  ASSERT_EQ(facts.size(), 2u) << "each fact once";
  EXPECT_EQ(facts[0].source, "JESD79-5");
  EXPECT_EQ(facts[1].kind, "assumed");
  EXPECT_EQ(facts[1].path, "t.b");
  EXPECT_NO_THROW(t.finish());

  const Value bare = parse_toml("a = 3\n", "f.toml");
  EXPECT_THAT(message_of([&] { Reader(bare, &facts, "x").integer("a"); }), HasSubstr("without a source"));
  const Value odd = parse_toml("a = {value = 3, source = \"s\", kind = \"mesured\"}\n", "f.toml");
  EXPECT_THAT(message_of([&] { Reader(odd, &facts, "x").integer("a"); }), HasSubstr("did you mean \"measured\"?"));
}

TEST(NearestName, FoldsCaseAndMarksAndSuggestsOnlyWhatIsNear) {
  EXPECT_EQ(nearest_name("H100_SXM", {"a100-sxm", "h100-sxm"}), "h100-sxm");
  EXPECT_EQ(nearest_name("h10-sxm", {"gaudi-3", "h100-sxm"}), "h100-sxm");
  EXPECT_EQ(nearest_name("xeon8480", {"a64fx", "xeon-8460y", "xeon-8480-8x16gb", "xeon-8480-8x64gb"}),
            "xeon-8480-8x16gb");
  EXPECT_EQ(nearest_name("hbm3.6400", {"hbm2e-3200-8h-16gb", "hbm3-6400-8h-16gb"}), "hbm3-6400-8h-16gb");
  EXPECT_EQ(nearest_name("h200", {"b200", "h100-sxm", "h200-sxm"}), "h200-sxm");
  EXPECT_EQ(nearest_name("h100", {"b200", "h100-pcie", "h100-sxm"}), "h100-sxm");
  EXPECT_EQ(nearest_name("potato", {"gaudi-3", "h100-sxm"}), "");
  EXPECT_EQ(nearest_name("---", {"gaudi-3", "h100-sxm"}), "");
}

TEST(Reader, AShortSourceNameIsWrittenOutAloneAndBeforeADetail) {
  const Value sources = parse_toml("js = \"JESD238\"", "x.toml");
  EXPECT_EQ(full_source(*sources.table(), "js"), "JESD238");
  EXPECT_EQ(full_source(*sources.table(), "js: table 94"), "JESD238: table 94");
  EXPECT_EQ(full_source(*sources.table(), "jso, table 94"), "jso, table 94");
}

}  // namespace
}  // namespace wordline::core
