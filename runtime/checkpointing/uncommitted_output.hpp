#pragma once

// Output of one pipeline's sinks that was prepared, at barriers and at the end, and is not known to be
// committed. It goes into every acknowledgement until a complete checkpoint covers it: what was prepared for a
// checkpoint that failed belongs to the next one. Single-threaded.

#include <cstdint>
#include <set>
#include <vector>

#include "runtime/connectors/sink.hpp"
#include "runtime/dataflow/slot_outbox.hpp"
#include "serialization/proto/checkpoint.pb.h"

namespace leat::runtime {

class UncommittedOutput {
 public:
  explicit UncommittedOutput(SlotOutbox& outbox) : outbox_(outbox) {}

  /// `number` as in AnySinkWriter::prepare_commit; the output precedes all barriers of checkpoints above
  /// `passed`.
  void prepare(AnySinkWriter& sink, std::uint64_t number, std::uint64_t passed);
  /// False if it is not one of this object's.
  bool io_done(IoToken token) { return pending_.erase(token) > 0; }
  /// All that was prepared is durable.
  [[nodiscard]] bool durable() const { return pending_.empty(); }

  /// What was written before the barrier of `checkpoint`.
  [[nodiscard]] std::vector<proto::Committable> before(std::uint64_t checkpoint) const;
  /// All of it; from now on it is the caller's.
  [[nodiscard]] std::vector<proto::Committable> take();
  /// What was written before this barrier is going to be committed.
  void forget_before(std::uint64_t checkpoint);

 private:
  struct Output {
    std::uint64_t passed;
    proto::Committable committable;
  };

  SlotOutbox& outbox_;
  std::vector<Output> outputs_;
  std::set<IoToken> pending_;
  std::uint64_t last_token_ = 0;
};

}  // namespace leat::runtime
