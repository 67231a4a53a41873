#pragma once

// Runs a job's pipelines in one thread from a seed: messages of each pair in order but otherwise interleaved at
// random, checkpoints triggered, aborted and completed, and all pipelines killed and restored from the last
// completed checkpoint at another parallelism. Stands in for JobManager and chunk store.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/checkpointing/chunk_id.hpp"
#include "runtime/dataflow/slot_task.hpp"
#include "runtime/graph/job_graph.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/stepped_clock.hpp"

namespace leat::test {

struct FaultyRunOptions {
  std::uint64_t seed = 1;
  std::uint32_t kills = 3;                             ///< at most
  std::vector<std::uint32_t> parallelism = {1, 3, 2};  ///< of attempts, in turn
  bool exactly_once = true;
  std::uint32_t aligned_timeout_ms = 0;
  bool stalls = false;  ///< now and then a pipeline gets no turn for a while, so that others wait
  std::uint32_t abort_percent = 20;  ///< of checkpoints
  std::uint64_t rows_per_split = 20;
  std::uint64_t steps_between_checkpoints = 60;  ///< on average
  std::uint64_t steps_between_kills = 600;       ///< at most
  /// After the kills the job is stopped with a checkpoint before which its sources end; called when that is
  /// complete.
  std::function<void()> on_drained;
};

class FaultyRun {
 public:
  /// `commit` makes a sink's output count.
  FaultyRun(std::shared_ptr<const runtime::JobGraph> graph,
            std::function<void(const proto::Committable&)> commit, FaultyRunOptions options);
  ~FaultyRun();

  /// Until the job has finished. Fails the test if a pipeline fails or nothing moves any more.
  void run();

  /// Rows that the last completed checkpoint has not read.
  [[nodiscard]] std::uint64_t rows_left() const;
  [[nodiscard]] std::uint32_t kills() const { return kills_; }
  [[nodiscard]] std::uint32_t completed() const { return completed_; }
  [[nodiscard]] std::uint32_t aborted() const { return aborted_; }
  [[nodiscard]] std::uint32_t restores() const { return restores_; }
  [[nodiscard]] std::uint64_t overtaken_buffers() const { return overtaken_buffers_; }
  /// Of completed checkpoints: sent for them, and held by them.
  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }
  [[nodiscard]] std::uint64_t state_bytes() const { return state_bytes_; }
  [[nodiscard]] std::uint64_t largest_state() const { return largest_state_; }
  [[nodiscard]] std::uint64_t overtaken_at_senders() const { return overtaken_at_senders_; }
  [[nodiscard]] std::uint32_t acknowledged_after_finish() const {
    return acknowledged_after_finish_;
  }
  [[nodiscard]] MemoryFileSystem& files() { return files_; }

 private:
  struct Slot;
  using Message = std::function<void()>;
  static constexpr std::uint32_t kJobManager = 1000;  // as an end of a queue

  struct Pending {
    std::uint64_t id = 0;  // 0: none
    std::vector<std::deque<proto::Split>> enumerators;
    std::map<std::uint32_t, proto::SubtaskSnapshot> acks;
    std::uint64_t sent_bytes = 0;
    bool drains = false;
  };

  void start_attempt();
  void kill();
  bool step();
  void act_as_coordinator();
  void trigger();
  void abort_pending();
  void complete();
  [[nodiscard]] std::vector<std::deque<proto::Split>> restored_splits() const;
  void join_with_base(proto::SubtaskSnapshot& snapshot) const;
  void ack(std::uint32_t subtask, const proto::SubtaskEvent::CheckpointAck& ack);
  void finished(std::uint32_t subtask, std::vector<proto::Committable> output);
  void grant(std::uint32_t subtask, std::uint32_t source);
  void turn(Slot& slot);
  [[nodiscard]] proto::RestoreSubtask restore_of(std::uint32_t subtask) const;
  void send(std::uint32_t from, std::uint32_t to, Message message);
  [[nodiscard]] std::uint64_t random(std::uint64_t below);

  std::shared_ptr<const runtime::JobGraph> graph_;
  std::function<void(const proto::Committable&)> commit_;
  FaultyRunOptions options_;
  std::mt19937_64 random_;
  SteppedClock clock_;
  MemoryFileSystem files_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::deque<Message>> queues_;

  std::uint32_t attempt_ = 0;
  std::uint32_t parallelism_ = 0;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::deque<proto::Split>> all_splits_;  // by source
  std::vector<std::deque<proto::Split>> enumerators_;
  std::map<std::uint32_t, std::vector<proto::Committable>> finished_;
  bool done_ = false;
  std::uint32_t stalled_ = 0;        // subtask …
  std::uint64_t stalled_until_ = 0;  // … that gets no turn before this step
  std::uint64_t steps_ = 0;

  std::map<ChunkId, std::string> chunks_;
  std::uint64_t next_chunk_ = 1;
  std::uint64_t last_checkpoint_ = 0;
  Pending pending_;
  std::optional<Pending> last_complete_;

  std::uint32_t kills_ = 0;
  std::uint32_t completed_ = 0;
  std::uint32_t aborted_ = 0;
  std::uint32_t restores_ = 0;
  std::uint32_t acknowledged_after_finish_ = 0;
  std::uint64_t overtaken_buffers_ = 0;
  std::uint64_t overtaken_at_senders_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t state_bytes_ = 0;
  std::uint64_t largest_state_ = 0;
};

}  // namespace leat::test
