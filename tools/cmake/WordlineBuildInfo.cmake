# Generates core/build_info.h: where the catalogue lies, the version and the commit.
include(GNUInstallDirs)
execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} rev-parse --short=12 HEAD OUTPUT_VARIABLE WORDLINE_COMMIT
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(WORDLINE_COMMIT unknown)
endif()
# A new commit reconfigures, so that results name the commit that made them.
foreach(head .git/HEAD .git/logs/HEAD)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${head})
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${head})
  endif()
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/src/wordline/core/build_info.h.in
               ${PROJECT_BINARY_DIR}/generated/wordline/core/build_info.h @ONLY)
