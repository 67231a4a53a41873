#pragma once

// What stands outside the processes: inputs to be listed and outputs to be committed. Shared by all
// of them, as shared storage is; `files` is that storage as the acting process sees it.

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "runtime/coordination/job_manager_commands.hpp"
#include "runtime/coordination/prepared_job.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::sim {

class SimOutputs {
 public:
  virtual ~SimOutputs() = default;
  virtual Result<runtime::PreparedJob> prepare(FileSystem& files,
                                               const runtime::PrepareJob& command) = 0;
  virtual Result<void> commit(FileSystem& files, const proto::Committable& committable) = 0;
  virtual void clean(FileSystem& files, const runtime::CleanOutputs& command) = 0;
};

}  // namespace leat::sim
