#pragma once

// What can be said of a job object (a shared object built with leat_add_job) without loading it:
// static initialisers run at load, so it is looked at first.

#include <string>

#include "runtime/base/result.hpp"

namespace leat::runtime {

struct JobObjectInfo {
  std::string job_name;     ///< the name in LEAT_JOB(name)
  std::string fingerprint;  ///< what it was built against
};

/// Reads the ELF note. Fails in words (kInput) for a missing file, one that is no ELF shared object, one
/// without the note, and one whose fingerprint differs from this build's.
Result<JobObjectInfo> inspect_job_object(const std::string& path);

/// This build's fingerprint: compiler, C++ ABI, public API version, sanitizers.
const std::string& build_fingerprint();

}  // namespace leat::runtime
