// Wafers chosen to match before they are bonded whole: good dies come to lie on good dies.
#pragma once

namespace wordline::fab {

// Of `sites` sites of a stack of wafers the share `below` looks good so far, of a wafer's dies the share `yield`. The
// share of sites that look good with the best of `candidates` such wafers on top: the expected largest of that many
// hypergeometric overlaps, over the sites. Faults lie independently: clustered ones gain more.
double matched_share(double below, double yield, int sites, int candidates);

}  // namespace wordline::fab
