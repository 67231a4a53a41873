#pragma once

// The barriers of one stage: aligned over all channels of its inputs, or put in by its source. Says when
// the stage has reached one, which is when its snapshot is taken: with the last channel's barrier, or before it
// when alignment takes too long and the barrier overtakes what has not been read. Single-threaded.

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/engine_time.hpp"
#include "runtime/dataflow/barrier.hpp"
#include "runtime/dataflow/barrier_aligner.hpp"
#include "runtime/dataflow/captured_channel.hpp"
#include "runtime/dataflow/edge_input.hpp"

namespace leat::runtime {

class StageBarriers {
 public:
  /// Before the first barrier; outlives this.
  void add_input(EdgeInput& input);
  /// Barriers are awaited however long it takes.
  void never_overtake() { may_overtake_ = false; }

  /// Before each read: notices barriers that have arrived, and lets one overtake when it is time.
  void check(Time now);
  /// When check() should be called next, whatever else happens.
  [[nodiscard]] Time deadline() const;
  /// After each read of `input`: takes the barrier that it stopped at, if it did.
  void collect(EdgeInput& input, Time now);
  /// A source has put it in.
  void reach(const Barrier& barrier);
  /// The checkpoint and older ones are not awaited any longer.
  void abort(std::uint64_t checkpoint);

  [[nodiscard]] bool reached() const { return reached_.has_value(); }
  /// The stage stands at this barrier: snapshot now, before anything else is read. Given out once.
  /// `emitted_all`: the stage has ended, and put the end of input into its outputs.
  [[nodiscard]] std::optional<Barrier> take_reached(bool emitted_all);

  /// All that the barrier has overtaken here has arrived.
  [[nodiscard]] bool captured() const;
  void take_captured(std::vector<CapturedChannel>& into);

  /// From the first channel's barrier to when the stage reached it, of the barrier reached last.
  [[nodiscard]] Duration alignment() const { return alignment_; }
  /// The checkpoint whose barrier was given out last; 0: none.
  [[nodiscard]] std::uint64_t last_reached() const { return last_reached_; }

 private:
  [[nodiscard]] const Barrier* newest_announced() const;
  void begin(const Barrier& barrier, Time now);
  void finish(Time now);
  void unblock();

  BarrierAligner aligner_;
  std::vector<EdgeInput*> inputs_;
  bool may_overtake_ = true;
  std::optional<Barrier> awaited_;  // has arrived on a channel; the stage has not reached it
  Time begun_at_{};                 // of awaited_
  Duration alignment_{};
  std::optional<Barrier> reached_;
  std::uint64_t last_reached_ = 0;
};

}  // namespace leat::runtime
