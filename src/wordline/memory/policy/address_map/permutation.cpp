// Permutation-based page interleaving (Zhang, Zhu and Zhang, MICRO 2000): the linear map, but the bank group and the
// bank are xored with the lowest bits of the row, so that rows which would fight for one bank lie in different ones,
// while the blocks of a row stay together. Where a size is no power of two it is added to, modulo the size.
#include "wordline/memory/policy/address_map/address_map_policy.h"
#include "wordline/memory/policy/address_map/hashes.h"

namespace wordline::memory::policy::address_map {

std::string permutation(const System& system) {
  const int bank = system.module.part->standard.geometry.bank_level();
  return linear(system) + row_hashes(system, {bank - 1, bank});
}

}  // namespace wordline::memory::policy::address_map
