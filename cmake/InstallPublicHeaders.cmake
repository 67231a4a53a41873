# Installs the public headers and what they include from the tree, transitively, and nothing else:
# a header of the engine becomes public only when the API needs it. Runs at install time, with
# leat_source_dir, leat_generated_dir, leat_forward_dir and leat_include_dir set.
cmake_minimum_required(VERSION 3.25)
set(prefix "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${leat_include_dir}")

file(GLOB_RECURSE forwarding RELATIVE "${leat_forward_dir}/leat" "${leat_forward_dir}/leat/*.hpp")
foreach(header IN LISTS forwarding)
  cmake_path(GET header PARENT_PATH folder)
  file(INSTALL "${leat_forward_dir}/leat/${header}" DESTINATION "${prefix}/${folder}"
       MESSAGE_LAZY)
endforeach()

file(GLOB_RECURSE waiting RELATIVE "${leat_source_dir}" "${leat_source_dir}/runtime/api/*.hpp")
set(seen ${waiting})
while(waiting)
  list(POP_FRONT waiting header)
  set(base "${leat_source_dir}")
  if(header MATCHES "\\.pb\\.h$")
    set(base "${leat_generated_dir}")
  endif()
  cmake_path(GET header PARENT_PATH folder)
  file(INSTALL "${base}/${header}" DESTINATION "${prefix}/${folder}" MESSAGE_LAZY)
  file(STRINGS "${base}/${header}" lines REGEX "^[ \t]*#[ \t]*include[ \t]*\"")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^[^\"]*\"([^\"]+)\".*" "\\1" included "${line}")
    if(NOT included IN_LIST seen)
      list(APPEND seen "${included}")
      list(APPEND waiting "${included}")
    endif()
  endforeach()
endwhile()
