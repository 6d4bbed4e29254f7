# Compiler settings for everything that is built here; users of the installed library are not bothered with them.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(wordline_settings INTERFACE)
# -ffp-contract=off: the same bytes out on every machine, with or without fused multiply-add.
target_compile_options(wordline_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                                                   -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(wordline_settings INTERFACE -Wno-restrict) # false alarms on "text" + string: GCC bug 105651
endif()
if(WORDLINE_WERROR)
  target_compile_options(wordline_settings INTERFACE -Werror)
endif()
if(WORDLINE_SANITIZE)
  target_compile_options(wordline_settings INTERFACE -fsanitize=${WORDLINE_SANITIZE} -fno-sanitize-recover=all
                                                     -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(wordline_settings INTERFACE -Wno-maybe-uninitialized) # GCC 12 errs there
  endif()
  target_link_options(wordline_settings INTERFACE -fsanitize=${WORDLINE_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers and ccache agree only with these settings.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()
