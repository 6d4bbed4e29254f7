// What address map policies that hash levels with the row share.
#pragma once

#include <string>
#include <vector>

#include "wordline/memory/system.h"

namespace wordline::memory::policy::address_map {

// " name^=row[a:b]" for each level that has more than one node and for which the row still has bits: successive bits of
// the row, the lowest for the first level. "+=" where the size is no power of two.
std::string row_hashes(const System& system, const std::vector<int>& levels);

}  // namespace wordline::memory::policy::address_map
