# zstd and xxhash as imported targets; Debian's packages ship no CMake files that could be relied on.
foreach(library zstd xxhash)
  if(NOT TARGET wordline_${library})
    find_library(WORDLINE_${library}_LIBRARY ${library} REQUIRED)
    find_path(WORDLINE_${library}_INCLUDE ${library}.h REQUIRED)
    add_library(wordline_${library} UNKNOWN IMPORTED)
    set_target_properties(wordline_${library} PROPERTIES IMPORTED_LOCATION ${WORDLINE_${library}_LIBRARY}
                          INTERFACE_INCLUDE_DIRECTORIES ${WORDLINE_${library}_INCLUDE})
  endif()
endforeach()
