#pragma once

// All pipelines of a job in one thread: buffers, credits and splits travel through queues that the test
// steps. Stands in for slots and JobManager where only the data plane is tested.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/coordination/split_enumerator.hpp"
#include "runtime/dataflow/slot_task.hpp"
#include "runtime/graph/job_graph.hpp"
#include "tests/support/memory_file_system.hpp"
#include "tests/support/stepped_clock.hpp"

namespace leat::test {

class PipelineCluster {
 public:
  PipelineCluster(std::shared_ptr<const runtime::JobGraph> graph, std::uint32_t parallelism);
  ~PipelineCluster();

  /// Delivers what is under way and gives each pipeline a turn, until all have finished or one has
  /// failed or nothing moves any more. The clock moves only when everything waits for it.
  void run();
  /// One turn of one pipeline; false if it had nothing to do.
  bool turn(std::uint32_t subtask);
  /// Delivers all messages under way.
  void deliver();

  [[nodiscard]] bool finished() const;
  /// The first failure, if any.
  [[nodiscard]] const runtime::SlotFailure* failure() const;
  [[nodiscard]] runtime::SlotTask& task(std::uint32_t subtask);
  [[nodiscard]] SteppedClock& clock() { return clock_; }
  [[nodiscard]] std::uint64_t buffers_sent() const { return buffers_sent_; }
  [[nodiscard]] std::uint64_t most_in_flight() const { return most_in_flight_; }
  [[nodiscard]] const std::vector<std::string>& rows() const { return rows_; }
  [[nodiscard]] MemoryFileSystem& files() { return files_; }

 private:
  struct Slot;

  runtime::SplitEnumerator& enumerator(std::uint32_t source);

  std::shared_ptr<const runtime::JobGraph> graph_;
  SteppedClock clock_;
  MemoryFileSystem files_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<std::unique_ptr<runtime::SplitEnumerator>> enumerators_;
  std::deque<std::function<void()>> messages_;
  std::uint64_t buffers_sent_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t most_in_flight_ = 0;
  std::vector<std::string> rows_;
};

}  // namespace leat::test
