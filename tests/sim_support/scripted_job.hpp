#pragma once

// A job that is a script: a number of splits, what each slot does with them, and a ledger of what became
// visible. Stands in for user code and file systems where only coordination is tested. Oracle: once the
// job has finished, each split is visible exactly once.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim_support/sim_outputs.hpp"
#include "tests/sim_support/sim_slot.hpp"

namespace leat::sim {

/// Splits read by one subtask in one attempt, on their way to being visible.
struct ScriptedOutputs final : SimOutputs {
  Result<runtime::PreparedJob> prepare(FileSystem& files,
                                       const runtime::PrepareJob& command) override;
  Result<void> commit(FileSystem& files, const proto::Committable& committable) override;
  void clean(FileSystem& files, const runtime::CleanOutputs& command) override;

  /// All splits that are visible, sorted; each should be there once.
  [[nodiscard]] std::vector<std::uint64_t> visible_splits() const;

  std::uint64_t splits = 20;
  std::map<std::string, std::vector<std::uint64_t>> pending;  // by name
  std::map<std::string, std::vector<std::uint64_t>> visible;
  std::optional<Error> prepare_fails;
  std::uint32_t commits_fail = 0;  ///< so many, from now on
  std::uint32_t commits_done = 0;  ///< calls, repeated ones included
  std::uint32_t prepared = 0;
  std::uint32_t cleaned_ended = 0;
};

/// What goes wrong in a slot, if anything. Asked at the given points.
struct ScriptedFaults {
  /// After so many splits (of this subtask, in this attempt).
  std::function<std::optional<proto::SubtaskEvent::Failed>(const proto::SubtaskRef&,
                                                           std::uint64_t splits)>
      after_split;
  /// True: never asks for a split, so that the job goes on running.
  bool idle = false;
};

/// Rows are "<split>" if `collect`; else splits are written to `outputs`.
SimSlotFactory scripted_slots(ScriptedOutputs& outputs, const ScriptedFaults& faults,
                              bool collect = false);

/// A submission with one source, and a text_directory or collect sink.
proto::SubmitJob scripted_job(std::uint64_t id, std::uint32_t parallelism, bool collect = false);

}  // namespace leat::sim
