# leat_add_job(name source…): a job object, <name>.so, for `leat run` and `leat local`.
#
# Hidden visibility without GNU unique symbols keeps two versions of one job apart when they are
# loaded side by side: otherwise they would share their inline statics.
include_guard()

function(leat_add_job name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  # -O3: the hot loops are templates of the operators, instantiated in the job.
  target_compile_options(${name} PRIVATE -fno-gnu-unique
    $<$<CONFIG:Release,RelWithDebInfo>:-O3>)
  target_link_options(${name} PRIVATE -Wl,-z,defs)
  target_link_libraries(${name} PRIVATE leat::leat)
  if(DEFINED LEAT_JOBS_DIR)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${LEAT_JOBS_DIR}")
  endif()
endfunction()
