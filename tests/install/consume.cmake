# cmake -DHOW=find_package|add_subdirectory -DTREE= -DBUILD= -DWORK= -P consume.cmake
# Builds the consumer against a fresh install, or against the tree, runs it, and tries the installed program.
function(must)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
set(options -G Ninja -DCMAKE_BUILD_TYPE=Release)
if(HOW STREQUAL "find_package")
  must(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
  list(APPEND options -DCMAKE_PREFIX_PATH=${WORK}/prefix)
else()
  list(APPEND options -DWORDLINE_TREE=${TREE} -DCMAKE_BUILD_TYPE=None) # unoptimised: it is whether it builds that is tried
endif()
must(${CMAKE_COMMAND} -S ${TREE}/tests/install/${HOW} -B ${WORK}/build ${options})
must(${CMAKE_COMMAND} --build ${WORK}/build)
must(${WORK}/build/consumer)
message(STATUS "${output}")

if(HOW STREQUAL "find_package")
  # The example that stands in the docs, against the installed memory room alone.
  must(${CMAKE_COMMAND} -S ${TREE}/examples/02_your_own_simulator -B ${WORK}/example ${options})
  must(${CMAKE_COMMAND} --build ${WORK}/example)
  must(${WORK}/example/your_own_simulator)
  if(NOT output MATCHES "^80000 accesses, [1-9][0-9]+ GB/s, reads after [1-9][0-9]+ ns, some were refused at first\n$")
    message(FATAL_ERROR "the example printed something else:\n${output}")
  endif()
  message(STATUS "${output}")

  # The installed program reads the catalogue beside it: a chip copied into that one is listed.
  file(GLOB chips ${WORK}/prefix/share/wordline/catalog/chips/*.toml)
  list(GET chips 0 chip)
  configure_file(${chip} ${WORK}/prefix/share/wordline/catalog/chips/planted-beside.toml COPYONLY)
  must(${WORK}/prefix/bin/wordline list chips)
  if(NOT output MATCHES "planted-beside")
    message(FATAL_ERROR "the installed program does not read the installed catalogue:\n${output}")
  endif()
endif()
