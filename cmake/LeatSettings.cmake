# Language, output folders, warnings, sanitizers and compiler cache: what every target shares,
# carried by the interface target leat_settings.
include_guard()

option(LEAT_WERROR "Treat warnings as errors" ON)
option(LEAT_CCACHE "Compile through ccache when it is installed" ON)
set(LEAT_SANITIZE "" CACHE STRING "Value of -fsanitize=, for example address,undefined")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# The build tree has the layout of an installation, so that one relative rpath serves both.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_INSTALL_BINDIR bin)
set(CMAKE_INSTALL_LIBDIR lib)
set(CMAKE_INSTALL_INCLUDEDIR include)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
set(LEAT_JOBS_DIR "${CMAKE_BINARY_DIR}/jobs")
set(LEAT_GENERATED_DIR "${CMAKE_BINARY_DIR}/generated")
set(LEAT_FORWARD_DIR "${CMAKE_BINARY_DIR}/include")

# Below ccache, which hands the compiler relative paths, the tree's root is this prefix.
cmake_path(RELATIVE_PATH PROJECT_SOURCE_DIR BASE_DIRECTORY "${CMAKE_BINARY_DIR}"
           OUTPUT_VARIABLE leat_relative_root)

add_library(leat_settings INTERFACE)
target_include_directories(leat_settings INTERFACE "${PROJECT_SOURCE_DIR}" "${LEAT_FORWARD_DIR}")
target_include_directories(leat_settings SYSTEM INTERFACE "${LEAT_GENERATED_DIR}")
target_compile_definitions(leat_settings INTERFACE LEAT_VERSION="${PROJECT_VERSION}")
target_compile_options(leat_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  $<$<BOOL:${LEAT_WERROR}>:-Werror>
  # Messages name files from the root of the tree, wherever the tree lies.
  -fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
  -fmacro-prefix-map=${leat_relative_root}/=
  # The library calls its own functions directly, as it would if it were static.
  -fno-semantic-interposition)

if(LEAT_SANITIZE)
  add_compile_options(-fsanitize=${LEAT_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LEAT_SANITIZE})
  # What sanitizers add to the code hides from g++ that a value was set.
  target_compile_options(leat_settings INTERFACE -Wno-maybe-uninitialized)
  if(LEAT_SANITIZE MATCHES "undefined")
    # CAF's headers form null references and cast to types the prebuilt library does not describe.
    add_compile_options(-fno-sanitize=null,vptr -fno-sanitize-recover=undefined)
    add_link_options(-fno-sanitize=null,vptr)
  endif()
endif()

# Several checkouts share one cache: paths below the checkout's parent are hashed as relative ones.
find_program(LEAT_CCACHE_PROGRAM ccache)
if(LEAT_CCACHE AND LEAT_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  cmake_path(GET PROJECT_SOURCE_DIR PARENT_PATH leat_ccache_base)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env
      "CCACHE_BASEDIR=${leat_ccache_base}"
      "CCACHE_NOHASHDIR=1"
      "CCACHE_SLOPPINESS=pch_defines,time_macros"
      "${LEAT_CCACHE_PROGRAM}")
endif()
