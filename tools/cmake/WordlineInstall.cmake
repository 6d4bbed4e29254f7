# Install rules: `cmake --install` gives find_package(wordline COMPONENTS room...) with one target wordline::room each,
# the catalogue under share/wordline/catalog, and the program.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY WORDLINE_ROOMS)
foreach(room ${rooms})
  install(TARGETS wordline_${room} EXPORT wordlineTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endforeach()
if(WORDLINE_CLI)
  install(TARGETS wordline RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/catalog DESTINATION ${CMAKE_INSTALL_DATADIR}/wordline)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/wordline)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/wordline)
install(EXPORT wordlineTargets NAMESPACE wordline:: DESTINATION ${package_folder})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/wordlineConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/wordlineConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/wordlineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/wordlineConfig.cmake ${PROJECT_BINARY_DIR}/wordlineConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/WordlineFindLibraries.cmake DESTINATION ${package_folder})
