// 128-bit whole numbers, which GCC and clang have and ISO C++ does not.
#pragma once

namespace wordline::core {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

}  // namespace wordline::core
