# What most sources include, read once. By clang alone: GCC 12 forgets with precompiled headers that they are the
# system's, and warns of its own library. Sources include what they use all the same: builds by GCC show what is missing.
function(wordline_precompile target)
  if(TARGET wordline_precompiled)
    target_precompile_headers(${target} REUSE_FROM wordline_precompiled)
  endif()
endfunction()

if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp") # else what a compiler cache keeps counts as stale
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/precompiled.cpp CONTENT "// Only what is precompiled.\n")
  add_library(wordline_precompiled OBJECT ${PROJECT_BINARY_DIR}/generated/precompiled.cpp)
  target_link_libraries(wordline_precompiled PRIVATE wordline_settings fmt::fmt nlohmann_json::nlohmann_json)
  target_precompile_headers(wordline_precompiled PRIVATE <algorithm> <array> <cmath> <cstdint> <filesystem> <functional>
                            <map> <memory> <optional> <string> <string_view> <vector> <fmt/format.h>)
endif()
