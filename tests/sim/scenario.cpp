#include "tests/sim/scenario.hpp"

#include <algorithm>

namespace leat::sim {

namespace {

using enum FaultKind;

const std::vector<FaultKind> kProcessFaults = {
    kTaskManagerDies,   kTaskManagerDiesAt, kTaskManagerRestarts,
    kTaskManagerPauses, kSlotDies,          kJobManagerDies,
    kJobManagerDiesAt,  kJobManagerPauses,  kHeals};
const std::vector<FaultKind> kNetworkFaults = {kConnectionBreaks, kPartition, kTaskManagerPauses,
                                               kHeals};
const std::vector<FaultKind> kStorageFaults = {kMetaWritesRefused, kStorageFull,      kStorageFails,
                                               kTaskManagerDiesAt, kJobManagerDiesAt, kHeals};

}  // namespace

const std::vector<Scenario>& all_scenarios() {
  static const std::vector<Scenario> scenarios = {
      // Without checkpoints: from the beginning each time.
      {.name = "restart_sums",
       .job = SimJobKind::kSums,
       .faults = all_faults(),
       .checkpoints = Checkpoints::kNone},
      {.name = "restart_word_count",
       .job = SimJobKind::kWordCount,
       .faults = all_faults(),
       .checkpoints = Checkpoints::kNone},
      {.name = "restart_collected",
       .job = SimJobKind::kCollected,
       .faults = all_faults(),
       .checkpoints = Checkpoints::kNone},
      // With checkpoints.
      {.name = "calm", .job = SimJobKind::kUpdates, .faults = {}},
      {.name = "sums", .job = SimJobKind::kSums, .faults = all_faults()},
      {.name = "updates", .job = SimJobKind::kUpdates, .faults = all_faults()},
      {.name = "two_edges", .job = SimJobKind::kTwoEdges, .faults = all_faults()},
      {.name = "word_count", .job = SimJobKind::kWordCount, .faults = all_faults()},
      {.name = "passing", .job = SimJobKind::kPassing, .faults = all_faults()},
      {.name = "collected", .job = SimJobKind::kCollected, .faults = all_faults()},
      {.name = "processes", .job = SimJobKind::kUpdates, .faults = kProcessFaults},
      {.name = "network", .job = SimJobKind::kTwoEdges, .faults = kNetworkFaults},
      {.name = "storage", .job = SimJobKind::kSums, .faults = kStorageFaults},
      {.name = "unaligned",
       .job = SimJobKind::kTwoEdges,
       .faults = all_faults(),
       .checkpoints = Checkpoints::kUnaligned},
      {.name = "at_least_once",
       .job = SimJobKind::kPassing,
       .faults = all_faults(),
       .checkpoints = Checkpoints::kAtLeastOnce},
      {.name = "poison",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .most_faults = 2,
       .function_throws = true},
      {.name = "cancel",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .ending = Ending::kCancel},
      {.name = "damaged",
       .job = SimJobKind::kUpdates,
       .faults = {kChunkDamaged, kSlotDies, kTaskManagerDies, kJobManagerDies, kHeals},
       .may_fail = true},
      {.name = "rescale",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .most_faults = 3,
       .ending = Ending::kRescale},
      {.name = "save",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .most_faults = 3,
       .ending = Ending::kSave},
      {.name = "stop_and_resume",
       .job = SimJobKind::kTwoEdges,
       .faults = all_faults(),
       .most_faults = 3,
       .ending = Ending::kStopAndResume},
  };
  return scenarios;
}

const Scenario* find_scenario(std::string_view name) {
  const auto& all = all_scenarios();
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const auto& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace leat::sim
