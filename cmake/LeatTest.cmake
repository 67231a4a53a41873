# leat_test(name LABEL unit|sim|integration|lint [PATHS] [TIMEOUT seconds] [LINKS target…]
#           SOURCES file…)
#   One GoogleTest executable; each of its tests is a ctest test `<name>/Suite.Claim` with the label
#   and the timeout. The tests of one executable that share a port or a folder must say so
#   themselves: ctest runs them in parallel, each in its own process.
#   PATHS defines LEAT_BIN_DIR, LEAT_JOBS_DIR, LEAT_TEST_JOBS_DIR and LEAT_SOURCE_DIR; without it
#   the objects are the same in every checkout, and the compiler cache shares them.
include_guard()
include(GoogleTest)

function(leat_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PATHS" "LABEL;TIMEOUT" "SOURCES;LINKS")
  if(NOT arg_LABEL MATCHES "^(unit|sim|integration|lint)$")
    message(FATAL_ERROR "leat_test(${name}): LABEL must be unit, sim, integration or lint, "
                        "not '${arg_LABEL}'")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  set(target ${name}_tests)
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  if(arg_PATHS)
    target_compile_definitions(${target} PRIVATE
      LEAT_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
      LEAT_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}"
      LEAT_JOBS_DIR="${LEAT_JOBS_DIR}"
      LEAT_TEST_JOBS_DIR="${LEAT_TEST_JOBS_DIR}")
  endif()
  add_dependencies(${target} leat_proto_headers)
  target_link_libraries(${target} PRIVATE leat_settings ${arg_LINKS} GTest::gmock_main)
  gtest_discover_tests(${target}
    TEST_PREFIX "${name}/"
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()
