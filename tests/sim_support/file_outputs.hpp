#pragma once

// Inputs and outputs on a file system shared by all processes, prepared, committed and cleaned as in
// production.

#include "runtime/base/file_system.hpp"
#include "runtime/connectors/output_commit.hpp"
#include "tests/sim_support/sim_outputs.hpp"

namespace leat::sim {

class FileOutputs final : public SimOutputs {
 public:
  explicit FileOutputs(FileSystem& files) : files_(files) {}

  Result<runtime::PreparedJob> prepare(const runtime::PrepareJob& command) override {
    return runtime::prepare_job(files_, command.plan, command.job, command.parallelism,
                                command.from);
  }
  Result<void> commit(const proto::Committable& committable) override {
    return runtime::commit_output(files_, committable);
  }
  void clean(const runtime::CleanOutputs& command) override {
    runtime::clean_outputs(files_, command.plan, command.job, command.attempt, command.ended);
  }

 private:
  FileSystem& files_;
};

}  // namespace leat::sim
