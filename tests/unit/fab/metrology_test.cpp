// A tool of several chambers, line by line, and its state in a file.
#include "wordline/fab/metrology/metrology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "metrology_banks.h"
#include "wordline/core/files.h"

namespace wordline::fab {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

WaferRow row_of(const std::string& wafer, std::vector<double> features, double label = nothing, double time = nothing) {
  WaferRow row{wafer, "C1", time, label, std::move(features), 0, {}};
  for (const double x : row.features) row.missing += std::isnan(x);
  return row;
}

const std::vector<double> none(5, nothing);

Metrology tool(MetrologySettings settings = {}) { return {small_bank(), {"a", "b", "c", "d", "e"}, settings}; }

TEST(Metrology, AnswersEachLine) {
  auto m = tool({0, 1, {50, 150}});
  DriftingWafers process(1);
  const auto next = [&] {
    const double label = process.next();
    return std::pair(process.x, label);
  };
  const auto [x, label] = next();
  EXPECT_EQ(m.take(row_of("w1", x)).event, Event::predicted);
  EXPECT_EQ(m.take(row_of("w1", x)).event, Event::repeated);
  EXPECT_EQ(m.take(row_of("w1", none, 999)).event, Event::disbelieved);
  EXPECT_EQ(m.take(row_of("w1", none, label)).event, Event::learned);
  EXPECT_EQ(m.take(row_of("w1", none, label)).event, Event::unknown);
  EXPECT_EQ(m.take(row_of("w2", none)).event, Event::unreadable);
  EXPECT_EQ(m.take(row_of("w2", none, label)).event, Event::unknown);
  const auto answer = m.take(row_of("w3", x, label));
  EXPECT_EQ(answer.event, Event::measured);
  EXPECT_EQ(answer.prediction.value, label);  // of one label so far
  EXPECT_EQ(m.take(row_of("w4", x, 1e9)).event, Event::disbelieved);
  EXPECT_EQ(m.take(row_of("w4", x, label)).event, Event::learned);  // its label, mended
}

TEST(Metrology, TellsWafersOutOfOrder) {
  auto m = tool();
  DriftingWafers process(2);
  process.next();
  EXPECT_FALSE(m.take(row_of("w1", process.x, nothing, 10)).out_of_order);
  EXPECT_TRUE(m.take(row_of("w2", process.x, nothing, 5)).out_of_order);
  EXPECT_FALSE(m.take(row_of("w3", process.x, nothing, 10)).out_of_order);
  EXPECT_FALSE(m.take(row_of("w4", process.x)).out_of_order);
}

TEST(Metrology, ChambersKnowNothingOfEachOther) {
  auto both = tool(), alone = tool();
  DriftingWafers one(3), two(4);
  for (int i = 0; i < 80; ++i) {
    const double label = one.next(), other = two.next();
    const auto name = std::to_string(i);
    auto row = row_of(name, one.x, label);
    const double said = both.take(row).prediction.value, same = alone.take(row).prediction.value;
    ASSERT_TRUE(said == same || (std::isnan(said) && std::isnan(same)));
    row = row_of(name, two.x, other + 1000);
    row.chamber = "C2";
    both.take(row);
  }
  EXPECT_NE(both.stream("C2"), nullptr);
  EXPECT_EQ(alone.stream("C2"), nullptr);
}

TEST(Metrology, RefusesAColumnThatIsNoChamber) {
  auto m = tool();
  auto row = row_of("w", std::vector<double>(5, 1));
  for (std::size_t i = 0; i < Metrology::most_chambers; ++i) {
    row.chamber = std::to_string(i);
    m.take(row);
  }
  row.chamber = "one more";
  EXPECT_THROW(m.take(row), core::InputError);
  row.chamber = "0";
  EXPECT_EQ(m.take(row).event, Event::repeated);
}

class MetrologyState : public testing::Test {
 protected:
  MetrologyState() {
    DriftingWafers process(5);
    for (int i = 0; i < 120; ++i) {
      const double label = process.next();
      m.take(row_of(std::to_string(i), process.x, i < 60 || i % 4 == 0 ? label : nothing));
    }
  }
  ~MetrologyState() override { std::filesystem::remove(file); }
  std::string message(auto change) {
    std::string text = core::read_text(file);
    change(text);
    std::ofstream(file, std::ios::binary) << text;
    auto fresh = tool();
    try {
      fresh.restore(read_state(file, Metrology::state_kind), file);
    } catch (const core::InputError& error) {
      EXPECT_EQ(fresh.stream("C1"), nullptr);
      return error.what();
    }
    return "";
  }

  Metrology m = tool();
  std::string file = testing::TempDir() + "metrology_state_" + std::to_string(::getpid());
};

TEST_F(MetrologyState, GoesOn) {
  write_state(file, Metrology::state_kind, m.save());
  auto other = tool();
  other.restore(read_state(file, Metrology::state_kind), file);
  EXPECT_EQ(m.save(), other.save());
  // A late label of a wafer from before the state was saved.
  EXPECT_EQ(m.take(row_of("118", none, 100)).event, Event::learned);
  EXPECT_EQ(other.take(row_of("118", none, 100)).event, Event::learned);
  EXPECT_EQ(other.take(row_of("118", none, 100)).event, Event::unknown);
  EXPECT_EQ(m.save(), other.save());
}

TEST_F(MetrologyState, RefusesWhatIsDamaged) {
  write_state(file, Metrology::state_kind, m.save());
  const auto whole = core::read_text(file);
  const auto restored = [&] { std::ofstream(file, std::ios::binary) << whole; };
  EXPECT_EQ(message([](std::string&) {}), "");
  EXPECT_THAT(message([](std::string& s) { s[s.size() / 2] = static_cast<char>(s[s.size() / 2] ^ 1); }),
              testing::HasSubstr("damaged"));
  restored();
  EXPECT_THAT(message([](std::string& s) { s.resize(s.size() - 100); }), testing::HasSubstr("cut short"));
  restored();
  EXPECT_THAT(message([](std::string& s) { s.replace(s.find("/1"), 2, "/9"); }), testing::HasSubstr("metrology/9"));
  restored();
  EXPECT_THAT(message([](std::string& s) { s.clear(); }), testing::HasSubstr("kind and version"));
}

// Bytes that pass the checksum and are no state: cut anywhere, nothing happens but an error.
TEST_F(MetrologyState, RefusesWhatIsCutShort) {
  const auto bytes = m.save();
  auto other = tool();
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 50)
    EXPECT_THROW(other.restore(bytes.substr(0, size), "state"), core::InputError) << size;
  EXPECT_THROW(other.restore(bytes + "x", "state"), core::InputError);
  EXPECT_EQ(other.stream("C1"), nullptr);
}

TEST_F(MetrologyState, RefusesOtherFeaturesSettingsAndBanks) {
  const auto bytes = m.save();
  const auto refused = [&](Metrology other) {
    try {
      other.restore(bytes, "state");
    } catch (const core::InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refused(tool()), "");
  EXPECT_THAT(refused({small_bank(), {"a", "b", "c", "e", "d"}, {}}), testing::HasSubstr("feature 4 is \"d\""));
  EXPECT_THAT(refused({small_bank(), {"a", "b", "c", "d"}, {}}), testing::HasSubstr("feature 5"));
  EXPECT_THAT(refused({small_bank(), {"a", "b", "c", "d", "e", "f"}, {}}), testing::HasSubstr("5 features"));
  EXPECT_THAT(refused(tool({50, 1, {}})), testing::HasSubstr("other settings"));
  EXPECT_THAT(refused({small_bank("aggregation.discount=0.9"), {"a", "b", "c", "d", "e"}, {}}),
              testing::HasSubstr("other settings"));
}

}  // namespace
}  // namespace wordline::fab
