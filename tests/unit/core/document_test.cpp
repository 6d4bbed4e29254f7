#include "wordline/core/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wordline::core {
namespace {

using testing::HasSubstr;

std::string message_of(auto&& call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Document, TomlValuesKnowTheirPlace) {
  const Value root = parse_toml("a = 1\n[b]\n  c = \"x\"\n", "f.toml");
  const Value* c = root.find("b")->find("c");
  EXPECT_EQ(to_string(c->where), "f.toml:3:7");
  EXPECT_EQ(*c->text(), "x");
}

TEST(Document, JsonValuesKnowTheirPlace) {
  const Value root = parse_json("{\n  \"a\": 12,\n  \"b\": [true, {\"c\": \"q\\\"x\"}],\n\"d\":-1.5e3}", "f.json");
  EXPECT_EQ(to_string(root.find("a")->where), "f.json:2:8");
  const Array& b = *root.find("b")->array();
  EXPECT_EQ(to_string(b[0].where), "f.json:3:9");
  EXPECT_EQ(to_string(b[1].where), "f.json:3:15");
  EXPECT_EQ(to_string(b[1].find("c")->where), "f.json:3:21");
  EXPECT_EQ(*b[1].find("c")->text(), "q\"x");
  EXPECT_EQ(to_string(root.find("d")->where), "f.json:4:5");
}

TEST(Document, BrokenTextNamesLineAndColumn) {
  EXPECT_THAT(message_of([] { parse_toml("a = 1\nb = \n", "f.toml"); }), HasSubstr("f.toml:2:5"));
  EXPECT_THAT(message_of([] { parse_json("{\n \"a\": tru\n}", "f.json"); }), HasSubstr("f.json:2:"));
  EXPECT_THAT(message_of([] { parse_json("{\"a\":1,\"a\":2}", "f.json"); }), HasSubstr("a second time"));
  EXPECT_THAT(message_of([] { parse_json(std::string(100000, '['), "f.json"); }), HasSubstr("nesting deeper"));
  EXPECT_THAT(message_of([] { parse_json("", "f.json"); }), HasSubstr("f.json:1:1"));
}

TEST(Document, SetPutsValuesAndBareWords) {
  Value root = parse_toml("[a]\nb = 1\n", "f.toml");
  set_value(root, "a.b=\"350 ns\"");
  set_value(root, "a.c.d=h100-sxm");
  EXPECT_EQ(*root.find("a")->find("b")->text(), "350 ns");
  EXPECT_EQ(*root.find("a")->find("c")->find("d")->text(), "h100-sxm");
  EXPECT_THROW(set_value(root, "a.b.c=1"), InputError);
  EXPECT_THROW(set_value(root, "nonsense"), UsageError);
}

TEST(Document, MergingKeepsTheParentWhereTheChildIsSilent) {
  const Value all = merged(parse_toml("x = 1\n[t]\na = 1\nb = 2\n", "p"), parse_toml("[t]\nb = 3\n", "c"));
  EXPECT_EQ(std::get<std::int64_t>(all.find("t")->find("a")->data), 1);
  EXPECT_EQ(std::get<std::int64_t>(all.find("t")->find("b")->data), 3);
  EXPECT_EQ(to_string(all.find("t")->find("b")->where), "c:2:5");
}

}  // namespace
}  // namespace wordline::core
