#pragma once

// Named points at which a test lets its process end as if its machine had failed: nothing is
// flushed, closed or told to anyone. A process that was not armed passes them for the price of one
// load. Armed once, before there are threads; passed on any thread.

#include <string_view>

#include "runtime/base/result.hpp"

namespace leat {

/// The executable reads it at its start and hands its value to arm_crash_point().
inline constexpr const char* kCrashVariable = "LEAT_CRASH_AT";
/// As after SIGKILL, in a shell.
inline constexpr int kCrashExitCode = 137;

/// `name` or `name:nth`: the process ends at that passing of the point, counted from 1.
Result<void> arm_crash_point(std::string_view setting);

extern bool crash_point_armed;
void pass_crash_point(std::string_view name);

/// `name` says what has just been done: crash_point("manifest-written").
inline void crash_point(std::string_view name) {
  if (crash_point_armed) [[unlikely]]
    pass_crash_point(name);
}

}  // namespace leat
