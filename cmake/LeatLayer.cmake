# leat_layer(name [FOLDERS dir…] [EXCLUDE dir…] [SOURCES file…] [LINKS target…] [GENERATED])
#   An object library of the .cpp files below FOLDERS, without those below EXCLUDE. A layer without
#   sources yet is no target. GENERATED code is compiled without our warnings.
# leat_library(name LAYERS target…)
#   The shared library of all layers that exist, with alias leat::<name>.
include_guard()

function(leat_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "GENERATED" "" "FOLDERS;EXCLUDE;SOURCES;LINKS")
  set(sources ${arg_SOURCES})
  foreach(folder IN LISTS arg_FOLDERS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
    list(APPEND sources ${found})
  endforeach()
  foreach(folder IN LISTS arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "^${PROJECT_SOURCE_DIR}/${folder}/")
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_library(${name} OBJECT ${sources})
  target_link_libraries(${name} PUBLIC leat_settings ${arg_LINKS})
  add_dependencies(${name} leat_proto_headers)
  if(arg_GENERATED)
    target_compile_options(${name} PRIVATE -w)
  endif()
endfunction()

function(leat_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LAYERS")
  set(layers)
  foreach(layer IN LISTS arg_LAYERS)
    if(TARGET ${layer})
      list(APPEND layers ${layer})
    endif()
  endforeach()
  if(NOT layers)
    return()
  endif()
  list(TRANSFORM layers REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  add_library(${name} SHARED ${objects})
  add_library(leat::${name} ALIAS ${name})
  set_target_properties(${name} PROPERTIES
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}
    LINKER_LANGUAGE CXX
    INSTALL_RPATH "$ORIGIN")
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_link_options(${name} PRIVATE -Wl,-z,defs)
  target_include_directories(${name} INTERFACE
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
    "$<BUILD_INTERFACE:${LEAT_FORWARD_DIR}>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    # Public headers include others by their place in the tree: "runtime/…", "serialization/…".
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/leat>")
  target_include_directories(${name} SYSTEM INTERFACE "$<BUILD_INTERFACE:${LEAT_GENERATED_DIR}>")
  # Public headers hold templates over these two; the rest stays behind the library.
  target_link_libraries(${name} PUBLIC absl::flat_hash_map)
  foreach(layer IN LISTS layers)
    get_target_property(links ${layer} LINK_LIBRARIES)
    list(REMOVE_ITEM links leat_settings)
    target_link_libraries(${name} PRIVATE ${links})
  endforeach()
endfunction()
