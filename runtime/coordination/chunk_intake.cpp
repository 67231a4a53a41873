#include "runtime/coordination/chunk_intake.hpp"

#include <algorithm>
#include <utility>

#include "runtime/checkpointing/snapshot_store.hpp"

namespace leat::runtime {

void ChunkIntake::add(const ChunkSource& source, std::string data, JobManagerStep& step) {
  queue_.push_back({source, std::move(data)});
  queue_.back().source.bytes = queue_.back().data.size();
  pump(step);
}

void ChunkIntake::drop(JobId job, std::uint64_t checkpoint) {
  std::erase_if(queue_, [&](const Queued& queued) {
    return queued.source.subtask.job == job && queued.source.checkpoint == checkpoint;
  });
}

std::vector<ChunkSource> ChunkIntake::take_stored(ActionToken token, JobManagerStep& step) {
  auto batch = in_flight_.extract(token);
  if (batch.empty())
    return {};
  pump(step);
  return std::move(batch.mapped());
}

void ChunkIntake::pump(JobManagerStep& step) {
  while (!queue_.empty() && in_flight_.size() < kStoresInFlight) {
    StoreChunks store{actions_.issue(JobId()), {}};
    std::vector<ChunkSource>& batch = in_flight_[store.token];
    std::size_t bytes = 0;
    while (!queue_.empty()) {
      bytes += queue_.front().data.size();
      if (!batch.empty() && bytes > kBatchBytes)
        break;
      batch.push_back(queue_.front().source);
      store.chunks.push_back(std::move(queue_.front().data));
      queue_.pop_front();
    }
    step.out.emplace_back(std::move(store));
  }
}

std::uint32_t ChunkIntake::window(std::size_t subtasks) {
  const std::size_t share = kBudgetBytes / (kMaxChunkBytes * std::max<std::size_t>(subtasks, 1));
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(share, 1, kLargestWindow));
}

}  // namespace leat::runtime
