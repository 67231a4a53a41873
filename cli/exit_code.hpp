#pragma once

// What the process tells its shell. Documented in docs/cli.md; scripts rely on it.

#include "runtime/base/error.hpp"

namespace leat::cli {

inline constexpr int kExitFinished = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitUnreachable = 3;
inline constexpr int kExitCancelled = 130;

[[nodiscard]] int exit_code(const Error& error);

}  // namespace leat::cli
