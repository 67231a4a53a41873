#pragma once

// What is tried: a table of jobs, faults and ways to end. A seed decides the rest.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/sim_job.hpp"
#include "tests/sim_support/fault_storm.hpp"

namespace leat::sim {

enum class Ending : std::uint8_t {
  kFinish,          ///< the job reads all its input
  kCancel,          ///< somebody cancels it on the way
  kRescale,         ///< it goes on with more subtasks or fewer
  kSave,            ///< another job goes on from a savepoint of it, into a directory of its own
  kStopAndResume,   ///< it stops with a savepoint, from which another goes on in its directory
  kDrainAndResume,  ///< the same, but its sources end before the savepoint
  kReplace,  ///< it stops with a savepoint, from which a job without its keyed state goes on elsewhere
};

enum class Checkpoints : std::uint8_t {
  kNone,
  kAligned,
  kUnaligned,    ///< barriers overtake after some milliseconds
  kAtLeastOnce,  ///< inputs are not blocked: records may count twice
};

struct Scenario {
  std::string_view name;
  SimJobKind job;
  std::vector<FaultKind> faults;
  Checkpoints checkpoints = Checkpoints::kAligned;
  std::uint32_t most_faults = 6;
  bool function_throws = false;  ///< now and then
  bool exhausts = false;         ///< it throws for ever, until the job is given up
  bool sparse = false;           ///< so few records that many a checkpoint finds nothing changed
  bool fixed = false;            ///< the job waits for all its slots; there are as many in calm
  bool crowded = false;          ///< some slots are so slow that senders run out of credit
  std::vector<SimJobKind> beside = {};  ///< jobs that run at the same time
  Ending ending = Ending::kFinish;
  bool may_fail = false;  ///< saying why; then each record is there once at most

  /// TaskManagers leave in order and nothing fails: all moves in time, no restart is counted.
  [[nodiscard]] bool gentle() const;
};

[[nodiscard]] const std::vector<Scenario>& all_scenarios();
/// Null if there is none of this name.
[[nodiscard]] const Scenario* find_scenario(std::string_view name);

}  // namespace leat::sim
