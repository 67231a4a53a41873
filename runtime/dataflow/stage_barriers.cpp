#include "runtime/dataflow/stage_barriers.hpp"

#include <utility>

namespace leat::runtime {

void StageBarriers::add_input(EdgeInput& input) {
  inputs_.push_back(&input);
  aligner_.add_channels(input.channels());
}

void StageBarriers::collect(EdgeInput& input, Time now) {
  const auto barrier = input.take_barrier();
  if (!barrier)
    return;
  switch (aligner_.deliver(barrier->checkpoint)) {
    case BarrierAligner::Outcome::kStale:
      return;
    case BarrierAligner::Outcome::kBegun:
      unblock();
      begun_at_ = now;
      [[fallthrough]];
    case BarrierAligner::Outcome::kWaiting:
      if (barrier->exactly_once)
        input.block();
      return;
    case BarrierAligner::Outcome::kAligned:
      unblock();
      alignment_ = begun_at_ ? now - *begun_at_ : Duration::zero();
      begun_at_.reset();
      reached_ = barrier;
      return;
  }
}

void StageBarriers::reach(const Barrier& barrier) {
  alignment_ = Duration::zero();
  reached_ = barrier;
}

void StageBarriers::abort(std::uint64_t checkpoint) {
  if (aligner_.finish(checkpoint)) {
    unblock();
    begun_at_.reset();
  }
  if (reached_ && reached_->checkpoint <= checkpoint)
    reached_.reset();
}

std::optional<Barrier> StageBarriers::take_reached(bool emitted_all) {
  if (!reached_ || (reached_->after_end && !emitted_all))
    return std::nullopt;
  last_reached_ = reached_->checkpoint;
  return std::exchange(reached_, {});
}

void StageBarriers::unblock() {
  for (EdgeInput* input : inputs_)
    input->unblock();
}

}  // namespace leat::runtime
