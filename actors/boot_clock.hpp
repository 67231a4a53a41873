#pragma once

// The clock of production: CLOCK_BOOTTIME, which neither jumps nor stands still while the machine
// sleeps, so that a lease ends even then. Stateless; usable from any thread.

#include <cstdint>

#include "runtime/base/engine_time.hpp"

namespace leat::actors {

class BootClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
};

/// Milliseconds since 1970 at Time zero of a BootClock, as it is now.
[[nodiscard]] std::int64_t unix_ms_at_boot();

}  // namespace leat::actors
