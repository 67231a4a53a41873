#pragma once

// Inputs and outputs as files, prepared, committed and cleaned as in production.

#include "runtime/connectors/output_commit.hpp"
#include "tests/sim_support/sim_outputs.hpp"

namespace leat::sim {

class FileOutputs final : public SimOutputs {
 public:
  Result<runtime::PreparedJob> prepare(FileSystem& files,
                                       const runtime::PrepareJob& command) override {
    return runtime::prepare_job(files, command.plan, command.job, command.parallelism,
                                command.from);
  }
  Result<void> commit(FileSystem& files, const proto::Committable& committable) override {
    return runtime::commit_output(files, committable);
  }
  void clean(FileSystem& files, const runtime::CleanOutputs& command) override {
    runtime::clean_outputs(files, command.plan, command.job, command.attempt, command.ended);
  }
};

}  // namespace leat::sim
