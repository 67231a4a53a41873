#pragma once

// Chunks of snapshots on their way into the store, of all jobs together: what arrives while the store is
// busy goes with its next batch, so that a sync is shared by many. Knows nothing of checkpoints; whose a
// chunk is, and whether it is still wanted, is asked when it is stored. Single-threaded, owned by
// JobServices. Invariant: a chunk is in exactly one of queue_ and in_flight_, until it is handed back.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"
#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/coordination/action_tokens.hpp"
#include "runtime/coordination/job_manager_step.hpp"
#include "runtime/coordination/subtask_key.hpp"

namespace leat::runtime {

/// Where a chunk came from.
struct ChunkSource {
  SubtaskKey subtask;
  Incarnation task_manager;
  std::uint64_t checkpoint = 0;
  std::uint64_t sequence = 0;  ///< within the subtask's part
  std::size_t bytes = 0;
};

class ChunkIntake {
 public:
  /// Bytes in one synced batch; LevelDB was fastest with 4 to 8 MiB.
  static constexpr std::size_t kBatchBytes = std::size_t{8} << 20U;
  /// The next batch is under way while one is written.
  static constexpr std::size_t kStoresInFlight = 2;
  /// Bytes that all subtasks together may have under way, queued here or in messages.
  static constexpr std::size_t kBudgetBytes = std::size_t{64} << 20U;
  static constexpr std::uint32_t kLargestWindow = 8;

  explicit ChunkIntake(ActionTokens& actions) : actions_(actions) {}

  void add(const ChunkSource& source, std::string data, JobManagerStep& step);
  /// Chunks not given to the store yet are forgotten.
  void drop(JobId job, std::uint64_t checkpoint);
  /// What a batch consisted of, in order; nothing if it is no batch of this intake.
  std::vector<ChunkSource> take_stored(ActionToken token, JobManagerStep& step);

  /// How many chunks each of so many subtasks may have unanswered.
  [[nodiscard]] static std::uint32_t window(std::size_t subtasks);

 private:
  struct Queued {
    ChunkSource source;
    std::string data;
  };
  void pump(JobManagerStep& step);

  ActionTokens& actions_;
  std::deque<Queued> queue_;
  std::map<ActionToken, std::vector<ChunkSource>> in_flight_;
};

}  // namespace leat::runtime
