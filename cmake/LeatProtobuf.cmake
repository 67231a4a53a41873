# leat_generate_protobuf(SOURCES_VARIABLE var): runs protoc on serialization/proto/*.proto and sets
# var to the generated sources. Schemas import each other from the root of the tree, and their
# headers are included the same way: "serialization/proto/control.pb.h".
include_guard()

function(leat_generate_protobuf)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCES_VARIABLE" "")
  file(GLOB_RECURSE schemas CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
       "${PROJECT_SOURCE_DIR}/serialization/proto/*.proto")
  file(MAKE_DIRECTORY "${LEAT_GENERATED_DIR}")
  set(sources)
  set(headers)
  foreach(schema IN LISTS schemas)
    string(REGEX REPLACE "\\.proto$" ".pb" stem "${LEAT_GENERATED_DIR}/${schema}")
    # Every schema depends on all: an imported one that changes regenerates its importers.
    list(TRANSFORM schemas PREPEND "${PROJECT_SOURCE_DIR}/" OUTPUT_VARIABLE schema_paths)
    add_custom_command(
      OUTPUT "${stem}.cc" "${stem}.h"
      COMMAND protobuf::protoc "--proto_path=${PROJECT_SOURCE_DIR}"
              "--cpp_out=${LEAT_GENERATED_DIR}" "${schema}"
      DEPENDS ${schema_paths} protobuf::protoc
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
      COMMENT "Generating ${schema}"
      VERBATIM)
    list(APPEND sources "${stem}.cc")
    list(APPEND headers "${stem}.h")
  endforeach()
  add_custom_target(leat_proto_headers DEPENDS ${headers})
  set(${arg_SOURCES_VARIABLE} "${sources}" PARENT_SCOPE)
endfunction()
