#pragma once

// Counts which channels of a stage have delivered a checkpoint's barrier. Knows numbers only; blocks
// nothing itself. Single-threaded.
// Invariant: at most one checkpoint is being aligned, the newest seen; older ones are over.

#include <cstddef>
#include <cstdint>

namespace leat::runtime {

class BarrierAligner {
 public:
  /// Of all inputs of a stage together.
  void add_channels(std::size_t channels) { channels_ += channels; }

  enum class Outcome {
    kStale,    ///< of a checkpoint that is over: to be ignored
    kWaiting,  ///< others have yet to deliver it
    kBegun,    ///< the same, and it is the first; an older alignment, if there was one, is given up
    kAligned,  ///< this was the last one; nothing is being aligned now
  };
  /// A channel delivers a barrier; each channel each checkpoint once.
  [[nodiscard]] Outcome deliver(std::uint64_t checkpoint);

  /// The checkpoint and older ones are over: aborted, or passed otherwise. True if it gave up an alignment.
  bool finish(std::uint64_t checkpoint);

  /// The checkpoint being aligned; 0: none.
  [[nodiscard]] std::uint64_t aligning() const { return missing_ > 0 ? newest_ : 0; }
  /// Of those that are over, the newest.
  [[nodiscard]] std::uint64_t newest_over() const { return over_; }

 private:
  std::size_t channels_ = 0;
  std::uint64_t newest_ = 0;  // being aligned, if missing_ > 0
  std::size_t missing_ = 0;   // channels that have yet to deliver it
  std::uint64_t over_ = 0;
};

}  // namespace leat::runtime
