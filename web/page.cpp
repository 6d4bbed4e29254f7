#include "web/page.h"

#include <nlohmann/json.hpp>

#include "web/assets.h"

namespace wordline::web {

namespace {

// JSON that can stand in a script element: no "<", ">" or "&" is left, nor the two line ends that JSON allows in texts.
std::string in_script(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    const auto line_end = [&](char last) { return json.compare(i, 3, std::string("\xE2\x80") + last) == 0; };
    if (c == '<')
      out += "\\u003c";
    else if (c == '>')
      out += "\\u003e";
    else if (c == '&')
      out += "\\u0026";
    else if (c == '\xE2' && line_end('\xA8'))
      out += "\\u2028", i += 2;
    else if (c == '\xE2' && line_end('\xA9'))
      out += "\\u2029", i += 2;
    else
      out += c;
  }
  return out;
}

std::string in_markup(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

// The page loads nothing, and its browser is told so.
constexpr auto head =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; img-src data:\">\n<link rel=\"icon\" href=\"data:,\">\n";

}  // namespace

std::string page(const nlohmann::ordered_json& report) {
  std::string html = head;
  html += "<title>" + in_markup(report.value("title", "Wordline")) + "</title>\n<style>\n" + style_css() + "</style>\n";
  html +=
      "</head>\n<body>\n<noscript>This report draws itself with JavaScript, which is switched off here.</noscript>\n";
  html += "<script type=\"application/json\" id=\"report-data\">" +
          in_script(report.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + "</script>\n";
  html += "<!-- Chart.js is under the Expat (MIT) licence:\n" + chart_licence() + "-->\n";
  html += "<script>" + chart_js() + "</script>\n<script>\n" + viewer_js() + "</script>\n</body>\n</html>\n";
  return html;
}

}  // namespace wordline::web
