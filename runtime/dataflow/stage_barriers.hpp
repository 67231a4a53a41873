#pragma once

// The barriers of one stage: aligned over all channels of its inputs, or put in by its source. Says when
// the stage has reached one, which is when its snapshot is taken. Single-threaded.

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/dataflow/barrier.hpp"
#include "runtime/dataflow/barrier_aligner.hpp"
#include "runtime/dataflow/edge_input.hpp"

namespace leat::runtime {

class StageBarriers {
 public:
  /// Before the first barrier; outlives this.
  void add_input(EdgeInput& input);

  /// After each read of `input`: takes the barrier that it stopped at, if it did.
  void collect(EdgeInput& input, Time now);
  /// A source has put it in.
  void reach(const Barrier& barrier);
  /// The checkpoint and older ones are not awaited any longer.
  void abort(std::uint64_t checkpoint);

  [[nodiscard]] bool reached() const { return reached_.has_value(); }
  /// The stage stands at this barrier, all before it was processed and nothing behind it: snapshot now.
  /// Given out once. `emitted_all`: the stage has ended, and put the end of input into its outputs.
  [[nodiscard]] std::optional<Barrier> take_reached(bool emitted_all);

  /// From the first channel's barrier to the last one's, of the barrier reached last.
  [[nodiscard]] Duration alignment() const { return alignment_; }
  /// The checkpoint whose barrier was given out last; 0: none.
  [[nodiscard]] std::uint64_t last_reached() const { return last_reached_; }

 private:
  void unblock();

  BarrierAligner aligner_;
  std::vector<EdgeInput*> inputs_;
  std::optional<Time> begun_at_;  // of the alignment under way
  Duration alignment_{};
  std::optional<Barrier> reached_;
  std::uint64_t last_reached_ = 0;
};

}  // namespace leat::runtime
