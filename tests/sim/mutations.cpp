#include "tests/sim/mutations.hpp"

#include "runtime/base/mutation.hpp"

namespace leat {

namespace {
std::string_view active;
bool reached = false;
}  // namespace

bool mutation_active(std::string_view name) {
  if (active.empty() || active != name)
    return false;
  reached = true;
  return true;
}

namespace sim {

void activate_mutation(std::string_view name) {
  active = name;
  reached = false;
}

bool mutation_reached() {
  return reached;
}

std::span<const Mutation> all_mutations() {
  static constexpr Mutation kAll[] = {
      {"barrier_not_awaited", "a snapshot is taken at the first barrier of several", "processes"},
      {"splits_forgotten", "what readers had left of their splits is lost", "processes"},
      {"commits_not_repeated", "output of the newest checkpoint is left uncommitted", "sparse"},
      {"commit_before_manifest", "output is committed before its manifest is stored", "sparse"},
      {"ack_counted_twice", "an acknowledgement counts for two subtasks", "updates"},
      {"write_leaks_into_snapshot", "a write after the mark changes the snapshot", "updates"},
      {"split_position_late", "splits granted behind the barrier are taken for read", "updates"},
      {"overtaken_records_dropped", "records that a barrier overtook are not replayed",
       "unaligned"},
      {"queued_not_captured", "what a barrier overtakes at the receiver is not kept", "unaligned"},
      {"parked_not_captured", "what a barrier overtakes at the sender is not kept", "crowded"},
      {"rows_label_forgotten", "another JobManager calls rows void that do not come again",
       "rescale_collected"},
      {"fallback_past_commit", "a job goes on from before output that is committed", "updates"},
      {"left_before_moved", "a TaskManager may leave before its jobs have moved", "leave"},
      {"output_not_synced", "output is committed that was not synced", "updates"},
      {"finished_output_forgotten", "output of a subtask that had finished is not committed",
       "ragged"},
      // Together with the check of acknowledgements, behind which it stands.
      {"base_of_aborted", "a snapshot refers to one that was aborted", "sparse"},
      {"referenced_chunk_released", "a chunk goes that a newer checkpoint refers to", "sparse"},
  };
  return kAll;
}

}  // namespace sim
}  // namespace leat
