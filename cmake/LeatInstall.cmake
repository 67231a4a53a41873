# leat_install(): `cmake --install` puts bin/leat, lib/libleat.so, include/leat and the CMake package
# lib/cmake/leat, with which a job is built outside the tree (examples/external_job).
include_guard()
include(CMakePackageConfigHelpers)

function(leat_install)
  if(NOT TARGET leat)
    return()
  endif()
  set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/leat")
  install(TARGETS leat EXPORT leat-targets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT leat-targets NAMESPACE leat:: DESTINATION "${package_dir}")
  if(TARGET leat_binary)
    install(TARGETS leat_binary RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()

  configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/cmake/leat-config.cmake.in" "${CMAKE_BINARY_DIR}/leat-config.cmake"
    INSTALL_DESTINATION "${package_dir}")
  write_basic_package_version_file("${CMAKE_BINARY_DIR}/leat-config-version.cmake"
                                   COMPATIBILITY SameMinorVersion)
  install(FILES
    "${CMAKE_BINARY_DIR}/leat-config.cmake"
    "${CMAKE_BINARY_DIR}/leat-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/LeatAddJob.cmake"
    DESTINATION "${package_dir}")

  install(CODE "
    set(leat_source_dir \"${PROJECT_SOURCE_DIR}\")
    set(leat_generated_dir \"${LEAT_GENERATED_DIR}\")
    set(leat_forward_dir \"${LEAT_FORWARD_DIR}\")
    set(leat_include_dir \"${CMAKE_INSTALL_INCLUDEDIR}/leat\")")
  install(SCRIPT "${PROJECT_SOURCE_DIR}/cmake/InstallPublicHeaders.cmake")
endfunction()
