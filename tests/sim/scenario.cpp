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

/// Each second one of the JobManager.
const std::vector<FaultKind> kJobManagerFaults = [] {
  std::vector<FaultKind> faults = all_faults();
  faults.insert(faults.end(), faults.size() / 2, kJobManagerDies);
  faults.insert(faults.end(), faults.size() / 3, kJobManagerDiesAt);
  return faults;
}();
const std::vector<FaultKind> kLeaving = {kTaskManagerLeaves};
/// Each third one a TaskManager that leaves.
const std::vector<FaultKind> kLeavingFaults = [] {
  std::vector<FaultKind> faults = {kTaskManagerDies,   kTaskManagerDiesAt, kTaskManagerPauses,
                                   kJobManagerDies,    kJobManagerDiesAt,  kJobManagerPauses,
                                   kConnectionBreaks,  kPartition,         kSlotDies,
                                   kMetaWritesRefused, kStorageFails,      kHeals};
  faults.insert(faults.end(), faults.size() / 2, kTaskManagerLeaves);
  return faults;
}();

}  // namespace

bool Scenario::gentle() const {
  return faults == kLeaving;
}

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
      {.name = "crowded",
       .job = SimJobKind::kTwoEdges,
       .faults = all_faults(),
       .checkpoints = Checkpoints::kUnaligned,
       .crowded = true},
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
       .faults = {kChunkDamaged, kManifestDamaged, kSlotDies, kTaskManagerDies, kJobManagerDies,
                  kHeals},
       .may_fail = true},
      {.name = "sparse",
       .job = SimJobKind::kUpdates,
       .faults = {kMetaWritesRefused, kMetaWritesRefused, kMetaWritesRefused, kChunkWriteFails,
                  kChunkWriteFails, kSlotDies, kTaskManagerRestarts, kJobManagerDies},
       .most_faults = 20,
       .sparse = true},
      {.name = "ragged", .job = SimJobKind::kRagged, .faults = all_faults()},
      {.name = "several",
       .job = SimJobKind::kTwoEdges,
       .faults = all_faults(),
       .beside = {SimJobKind::kCollected, SimJobKind::kSums}},
      {.name = "rescale",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .most_faults = 3,
       .ending = Ending::kRescale},
      {.name = "rescale_fixed",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .most_faults = 3,
       .fixed = true,
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
      // TaskManagers leave, alone and in storms.
      {.name = "leave", .job = SimJobKind::kUpdates, .faults = kLeaving},
      {.name = "leave_without_checkpoints",
       .job = SimJobKind::kSums,
       .faults = kLeaving,
       .checkpoints = Checkpoints::kNone},
      {.name = "leave_storm",
       .job = SimJobKind::kTwoEdges,
       .faults = kLeavingFaults,
       .most_faults = 10},
      {.name = "leave_storm_collected",
       .job = SimJobKind::kCollected,
       .faults = kLeavingFaults,
       .most_faults = 10},
      {.name = "leave_storm_without_checkpoints",
       .job = SimJobKind::kCollected,
       .faults = kLeavingFaults,
       .checkpoints = Checkpoints::kNone,
       .most_faults = 8},
      {.name = "leave_rescale",
       .job = SimJobKind::kUpdates,
       .faults = kLeavingFaults,
       .most_faults = 4,
       .ending = Ending::kRescale},
      {.name = "leave_stop_and_resume",
       .job = SimJobKind::kUpdates,
       .faults = kLeavingFaults,
       .most_faults = 4,
       .ending = Ending::kStopAndResume},
      {.name = "exhausted",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .most_faults = 2,
       .function_throws = true,
       .exhausts = true},
      {.name = "damaged_entries",
       .job = SimJobKind::kUpdates,
       .faults = {kEntryDamaged, kEntryDamaged, kSlotDies, kTaskManagerDies, kJobManagerDies,
                  kJobManagerDies, kHeals},
       .beside = {SimJobKind::kTwoEdges}},
      {.name = "replace",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .most_faults = 3,
       .ending = Ending::kReplace},
      {.name = "rescale_collected",
       .job = SimJobKind::kCollected,
       .faults = kJobManagerFaults,
       .checkpoints = Checkpoints::kNone,
       .most_faults = 6,
       .ending = Ending::kRescale},
      {.name = "drain_and_resume",
       .job = SimJobKind::kUpdates,
       .faults = all_faults(),
       .most_faults = 3,
       .ending = Ending::kDrainAndResume},
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
