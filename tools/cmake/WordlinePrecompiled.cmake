# What most sources include, read once: one precompiled header for the rooms, one with JSON for what writes much of it.
# Sources include what they use all the same: -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON shows what is missing.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/precompiled.cpp CONTENT "// Only what is precompiled.\n")
set(wordline_common <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <map> <memory> <optional> <string>
                    <string_view> <vector> <fmt/format.h>)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp") # else what a compiler cache keeps counts as stale
endif()
foreach(kind plain json)
  add_library(wordline_precompiled_${kind} OBJECT ${PROJECT_BINARY_DIR}/generated/precompiled.cpp)
  target_link_libraries(wordline_precompiled_${kind} PRIVATE wordline_settings fmt::fmt nlohmann_json::nlohmann_json)
endforeach()
target_precompile_headers(wordline_precompiled_plain PRIVATE ${wordline_common})
target_precompile_headers(wordline_precompiled_json PRIVATE ${wordline_common} <nlohmann/json.hpp>)
