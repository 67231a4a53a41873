#include "runtime/dataflow/stage_barriers.hpp"

#include <algorithm>
#include <utility>

namespace leat::runtime {

void StageBarriers::add_input(EdgeInput& input) {
  inputs_.push_back(&input);
  aligner_.add_channels(input.channels());
}

const Barrier* StageBarriers::newest_announced() const {
  const Barrier* newest = nullptr;
  for (const EdgeInput* input : inputs_) {
    const auto& barrier = input->announced();
    if (!barrier || (newest != nullptr && newest->checkpoint > barrier->checkpoint))
      continue;
    const bool same = newest != nullptr && newest->checkpoint == barrier->checkpoint;
    if (!same || barrier->overtook)
      newest = &*barrier;
  }
  return newest;
}

void StageBarriers::check(Time now) {
  const Barrier* newest = newest_announced();
  if (newest == nullptr || newest->checkpoint <= aligner_.newest_over())
    return;
  begin(*newest, now);
  if (now < deadline())
    return;
  aligner_.finish(awaited_->checkpoint);
  unblock();
  awaited_->overtook = true;
  finish(now);
}

/// The alignment of a barrier begins when it arrives on its first channel, and that of an older one is over.
void StageBarriers::begin(const Barrier& barrier, Time now) {
  if (!awaited_ || awaited_->checkpoint < barrier.checkpoint) {
    if (aligner_.finish(barrier.checkpoint - 1))
      unblock();
    awaited_ = barrier;
    begun_at_ = now;
  }
  awaited_->overtook = awaited_->overtook || barrier.overtook;
}

Time StageBarriers::deadline() const {
  if (!awaited_ || !may_overtake_ || !awaited_->exactly_once || awaited_->aligned_timeout_ms == 0)
    return Time::max();
  // One that has overtaken on its way does not wait again.
  return awaited_->overtook ? begun_at_
                            : begun_at_ + std::chrono::milliseconds(awaited_->aligned_timeout_ms);
}

void StageBarriers::collect(EdgeInput& input, Time now) {
  const auto barrier = input.take_barrier();
  if (!barrier)
    return;
  if (barrier->checkpoint > aligner_.newest_over())
    begin(*barrier, now);
  switch (aligner_.deliver(barrier->checkpoint)) {
    case BarrierAligner::Outcome::kStale:
      return;
    case BarrierAligner::Outcome::kBegun:
    case BarrierAligner::Outcome::kWaiting:
      if (barrier->exactly_once)
        input.block();
      return;
    case BarrierAligner::Outcome::kAligned:
      unblock();
      finish(now);
      return;
  }
}

/// The stage has reached the barrier awaited.
void StageBarriers::finish(Time now) {
  alignment_ = now - begun_at_;
  // Also when all have delivered it: it may have overtaken at a sender, in the midst of a large record.
  if (awaited_->overtook)
    for (EdgeInput* input : inputs_)
      input->capture(awaited_->checkpoint);
  reached_ = std::exchange(awaited_, {});
}

void StageBarriers::reach(const Barrier& barrier) {
  alignment_ = Duration::zero();
  reached_ = barrier;
}

void StageBarriers::abort(std::uint64_t checkpoint) {
  if (aligner_.finish(checkpoint))
    unblock();
  if (awaited_ && awaited_->checkpoint <= checkpoint)
    awaited_.reset();
  if (reached_ && reached_->checkpoint <= checkpoint)
    reached_.reset();
  if (last_reached_ <= checkpoint)
    for (EdgeInput* input : inputs_)
      input->drop_capture();
}

std::optional<Barrier> StageBarriers::take_reached(bool emitted_all) {
  if (!reached_ || (reached_->after_end && !emitted_all))
    return std::nullopt;
  last_reached_ = reached_->checkpoint;
  return std::exchange(reached_, {});
}

bool StageBarriers::captured() const {
  return std::none_of(inputs_.begin(), inputs_.end(),
                      [](const EdgeInput* input) { return input->capturing(); });
}

void StageBarriers::take_captured(std::vector<CapturedChannel>& into) {
  for (EdgeInput* input : inputs_)
    input->take_captured(into);
}

void StageBarriers::unblock() {
  for (EdgeInput* input : inputs_)
    input->unblock();
}

}  // namespace leat::runtime
