#include "runtime/dataflow/barrier_aligner.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"

namespace leat::runtime {

BarrierAligner::Outcome BarrierAligner::deliver(std::uint64_t checkpoint) {
  if (checkpoint <= over_ || (missing_ > 0 && checkpoint < newest_))
    return Outcome::kStale;
  const bool begun = missing_ == 0 || checkpoint > newest_;
  if (begun) {
    newest_ = checkpoint;
    missing_ = LEAT_MUTATION(barrier_not_awaited) ? 1 : channels_;
  }
  LEAT_CHECK(missing_ > 0);
  if (--missing_ > 0)
    return begun ? Outcome::kBegun : Outcome::kWaiting;
  over_ = checkpoint;
  return Outcome::kAligned;
}

bool BarrierAligner::finish(std::uint64_t checkpoint) {
  over_ = std::max(over_, checkpoint);
  if (missing_ == 0 || newest_ > over_)
    return false;
  missing_ = 0;
  return true;
}

}  // namespace leat::runtime
