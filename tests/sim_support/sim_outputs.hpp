#pragma once

// What stands outside the processes: inputs to be listed and outputs to be committed. Shared by all
// of them, as shared storage is.

#include "runtime/base/result.hpp"
#include "runtime/coordination/job_manager_commands.hpp"
#include "runtime/coordination/prepared_job.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::sim {

class SimOutputs {
 public:
  virtual ~SimOutputs() = default;
  virtual Result<runtime::PreparedJob> prepare(const runtime::PrepareJob& command) = 0;
  virtual Result<void> commit(const proto::Committable& committable) = 0;
  virtual void clean(const runtime::CleanOutputs& command) = 0;
};

}  // namespace leat::sim
