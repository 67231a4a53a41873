#pragma once

// LEAT_CHECK guards our own invariants, in release builds too. Anything that comes from disk,
// network or users is a Result instead.

namespace leat {

/// Prints the failed condition and aborts the process.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace leat

#define LEAT_CHECK(condition)                                    \
  do {                                                           \
    if (!(condition)) [[unlikely]]                               \
      ::leat::check_failed(#condition, __FILE__, __LINE__);      \
  } while (false)
