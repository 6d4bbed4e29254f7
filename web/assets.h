// The viewer's files as they were at build time; the build writes the definitions.
#pragma once

#include <string>

namespace wordline::web {

std::string style_css();
std::string viewer_js();      // viewer/*.js in their order
std::string chart_js();       // Debian's libjs-chart.js
std::string chart_licence();  // the notice that goes with it

}  // namespace wordline::web
