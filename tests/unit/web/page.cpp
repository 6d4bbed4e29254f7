#include "web/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

// The JSON that stands in the page.
std::string data_of(const std::string& html) {
  const std::string open = "id=\"report-data\">";
  const auto begin = html.find(open) + open.size();
  return html.substr(begin, html.find("</script>", begin) - begin);
}

TEST(Page, KeepsTheReportAsItIs) {
  const ordered_json report = {{"title", "a < b & c > d"}, {"sections", ordered_json::array()}, {"x", 0.1}};
  EXPECT_EQ(ordered_json::parse(data_of(wordline::web::page(report))), report);
}

TEST(Page, NoTextCanLeaveItsPlace) {
  const std::string hostile = "</script><script>alert(1)</script><!-- \xE2\x80\xA8\xE2\x80\xA9";
  const ordered_json report = {{"title", hostile}, {"sections", ordered_json::array()}};
  const std::string html = wordline::web::page(report);
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(data_of(html), Not(HasSubstr("<")));
  EXPECT_THAT(data_of(html), Not(HasSubstr("\xE2\x80\xA8")));
  EXPECT_EQ(ordered_json::parse(data_of(html))["title"], hostile);
}

TEST(Page, LoadsNothing) {
  const std::string html = wordline::web::page({{"title", "t"}, {"sections", ordered_json::array()}});
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* way : {" src=\"", "@import", "url(http", "fetch(", "XMLHttpRequest"})
    EXPECT_THAT(html, Not(HasSubstr(way))) << way;
}

TEST(Page, CarriesChartJsAndItsLicence) {
  const std::string html = wordline::web::page({{"title", "t"}, {"sections", ordered_json::array()}});
  EXPECT_THAT(html, HasSubstr("Chart.js v3"));
  EXPECT_THAT(html, HasSubstr("Permission is hereby granted"));
}

}  // namespace
