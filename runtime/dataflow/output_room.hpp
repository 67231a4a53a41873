#pragma once

// Whether a stage may take further input: false as long as one of its outputs holds buffers that wait
// for credit. Shared by a stage and its outputs; readers look at `blocked` after each record
// or batch of kRecordBatch.

#include <cstdint>

#include "runtime/base/check.hpp"

namespace leat::runtime {

class OutputRoom {
 public:
  void park() { blocked_ = ++parked_channels_ > 0; }
  void unpark() {
    LEAT_CHECK(parked_channels_ > 0);
    blocked_ = --parked_channels_ > 0;
  }
  [[nodiscard]] const bool& blocked() const { return blocked_; }

 private:
  std::uint32_t parked_channels_ = 0;
  bool blocked_ = false;
};

}  // namespace leat::runtime
