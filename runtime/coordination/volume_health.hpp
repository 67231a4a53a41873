#pragma once

// Whether the volume took what was written last, for probes. Single-threaded, part of the JobManagerCore.

#include <chrono>
#include <string>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"

namespace leat::runtime {

class VolumeHealth {
 public:
  /// Jobs write until it succeeds.
  void metadata_written(const Result<void>& outcome) {
    metadata_refusal_ = outcome ? "" : outcome.error().message();
  }
  /// A checkpoint that fails is not repeated if its job has ended.
  void chunks_written(const Result<void>& outcome, Time now) {
    chunk_refusal_ = outcome ? "" : outcome.error().message();
    chunks_refused_at_ = now;
  }

  /// Why the last write was refused; empty: it was not.
  [[nodiscard]] std::string refusal(Time now) const {
    if (!metadata_refusal_.empty() || now - chunks_refused_at_ > kChunkMemory)
      return metadata_refusal_;
    return chunk_refusal_;
  }

 private:
  static constexpr Duration kChunkMemory = std::chrono::minutes(1);

  std::string metadata_refusal_;
  std::string chunk_refusal_;
  Time chunks_refused_at_{};
};

}  // namespace leat::runtime
