#include "wordline/core/units.h"

#include <gtest/gtest.h>

#include "wordline/core/reader.h"

namespace wordline::core {
namespace {

double base(const char* text) { return parse_quantity(text)->base_units; }

TEST(Units, ProductsAndQuotientsCarryTheDimension) {
  const BytesPerSecond bandwidth = gigabytes(3) / seconds(2);
  EXPECT_DOUBLE_EQ(bandwidth.value(), 1.5e9);
  EXPECT_DOUBLE_EQ(gigabytes(3) / gigabytes(2), 1.5);
  const Joules energy = watts(700) * hours(1);
  EXPECT_DOUBLE_EQ(energy.in(kilowatt_hours(1)), 0.7);
  EXPECT_DOUBLE_EQ((Volts(1.1) * Amperes(0.1)).value(), (watts(0.11)).value());
}

TEST(Units, AreReadFromText) {
  EXPECT_DOUBLE_EQ(base("350 ns"), 350e-9);
  EXPECT_DOUBLE_EQ(base("3.35 TB/s"), 3.35e12);
  EXPECT_DOUBLE_EQ(base("6.4 Gb/s"), 0.8e9);
  EXPECT_DOUBLE_EQ(base("16 GiB"), 17179869184.0);
  EXPECT_DOUBLE_EQ(base("3.6 USD/h"), 0.001);
  EXPECT_DOUBLE_EQ(base("3.9 pJ/bit"), 3.9e-12 * 8);
  EXPECT_DOUBLE_EQ(base("180 KRW/kWh"), 180 / 3.6e6);
  EXPECT_EQ(parse_quantity("180 KRW/kWh")->dimension, KrwPerEnergy::dimension);
  EXPECT_DOUBLE_EQ(base("110 mm2"), 110e-6);
  EXPECT_DOUBLE_EQ(base("0.1 /cm2"), 1000);
  EXPECT_EQ(parse_quantity("0.1/cm2")->dimension, PerSquareMetre::dimension);
  EXPECT_EQ(parse_quantity("3.5 USD/h")->dimension, UsdPerHour::dimension);
}

TEST(Units, AMistypedUnitNamesTheNearest) {
  std::string why;
  EXPECT_FALSE(parse_quantity("350 nx", &why));
  EXPECT_NE(why.find("\"nx\" is no known unit"), std::string::npos) << why;
  EXPECT_NE(why.find("did you mean"), std::string::npos) << why;
  EXPECT_FALSE(parse_quantity("fast", &why));
  EXPECT_FALSE(parse_quantity("3 GB/", &why));
}

}  // namespace
}  // namespace wordline::core
