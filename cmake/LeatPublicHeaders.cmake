# leat_forward_public_headers(): for each runtime/api/x.hpp writes <leat/x.hpp>, which includes it.
# The tree and the installation use the same forwarding headers, so no header exists twice.
include_guard()

function(leat_forward_public_headers)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/runtime/api"
       "${PROJECT_SOURCE_DIR}/runtime/api/*.hpp")
  file(GLOB_RECURSE stale RELATIVE "${LEAT_FORWARD_DIR}/leat" "${LEAT_FORWARD_DIR}/leat/*.hpp")
  list(REMOVE_ITEM stale ${headers} "")
  foreach(header IN LISTS stale)
    file(REMOVE "${LEAT_FORWARD_DIR}/leat/${header}")
  endforeach()
  file(MAKE_DIRECTORY "${LEAT_FORWARD_DIR}/leat")
  foreach(header IN LISTS headers)
    file(CONFIGURE OUTPUT "${LEAT_FORWARD_DIR}/leat/${header}"
         CONTENT "#pragma once\n\n#include \"runtime/api/${header}\"\n" @ONLY)
  endforeach()
endfunction()
