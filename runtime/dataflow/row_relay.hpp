#pragma once

// Rows of a pipeline's collect sinks on their way to the JobManager, which sees one stream per subtask: what
// a sink emits behind a barrier waits here until the last of them has passed it. Single-threaded.
// Invariant: rows wait only in channels that have passed a barrier newer than over_.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "runtime/connectors/sink.hpp"
#include "runtime/dataflow/slot_outbox.hpp"

namespace leat::runtime {

/// Batches of collect rows a subtask may send before the JobManager grants more.
inline constexpr std::uint32_t kInitialCollectCredits = 4;

class RowRelay {
 public:
  explicit RowRelay(SlotOutbox& outbox) : outbox_(outbox) {}
  RowRelay(const RowRelay&) = delete;
  RowRelay& operator=(const RowRelay&) = delete;

  /// The rows of one collect sink.
  class Channel : public RowChannel {
   public:
    explicit Channel(RowRelay& owner) : relay_(owner) {}
    [[nodiscard]] bool has_room() const override {
      return relay_.credits_ > 0 && passed_ <= relay_.over_;
    }
    void send(std::vector<std::string> rows) override { relay_.send(*this, std::move(rows)); }
    /// All rows that precede the barrier of a checkpoint have been sent.
    void pass(std::uint64_t checkpoint) { relay_.pass(*this, checkpoint); }

   private:
    friend RowRelay;
    RowRelay& relay_;
    std::uint64_t passed_ = 0;  // newest barrier
    std::vector<std::vector<std::string>> held_;
  };

  /// Lives as long as this.
  [[nodiscard]] Channel& add_channel();
  /// For what is none: has no room.
  [[nodiscard]] RowChannel& no_channel() { return none_; }

  void add_credit(std::uint32_t batches) { credits_ += batches; }
  /// Nothing waits any longer for the barriers of this checkpoint and older ones.
  void finish(std::uint64_t checkpoint);

 private:
  struct NoChannel final : RowChannel {
    [[nodiscard]] bool has_room() const override { return false; }
    void send(std::vector<std::string> rows) override;
  };

  void send(Channel& channel, std::vector<std::string> rows);
  void pass(Channel& channel, std::uint64_t checkpoint);
  void release(Channel& channel);
  void forward(std::vector<std::string> rows, std::uint64_t before_barrier);

  SlotOutbox& outbox_;
  NoChannel none_;
  std::deque<Channel> channels_;  // stable addresses
  std::uint64_t over_ = 0;        // newest checkpoint whose barrier all have passed, or none will
  // Below 0: batches were sent without room, and are made up for.
  std::int64_t credits_ = kInitialCollectCredits;
};

}  // namespace leat::runtime
