#pragma once

// Durations in log fields and messages.

#include <chrono>
#include <string>

#include "runtime/base/engine_time.hpp"

namespace leat::runtime {

/// Whole milliseconds, as a number.
[[nodiscard]] inline std::string milliseconds_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace leat::runtime
