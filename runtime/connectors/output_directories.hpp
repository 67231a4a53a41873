#pragma once

// Checks and creates the directories that a job's sinks write into, before it starts. Blocks.

#include <string>
#include <vector>

#include "runtime/base/file_system.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/plan.pb.h"

namespace leat::runtime {

/// What to do with output that is there already.
enum class OldOutput {
  kRefused,
  kKept,  ///< the job goes on from a checkpoint, beside the output committed before
};

/// One nonce per directory. Refuses in words (kInput): a directory that holds anything but names
/// starting with '.' (unless it is kept), that cannot be written or cannot rename without replacing, that two sinks share,
/// or that lies within another sink's. May be repeated for the same job.
Result<std::vector<std::string>> prepare_output_directories(FileSystem& files,
                                                            const proto::Plan& plan,
                                                            const JobId& job, OldOutput old_output);

}  // namespace leat::runtime
