#pragma once

// Values of configuration keys from text, with units. Errors say what is expected; the caller adds
// which key and where it stands.

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"

namespace leat {

/// Decimal digits only.
Result<std::uint64_t> parse_integer(std::string_view text);
/// "2", "0.25"; finite.
Result<double> parse_decimal(std::string_view text);
/// "500 ms", "3 s", "10 min", "1 h", "1 d", or "0"; the space may be missing, the unit may not.
Result<Duration> parse_duration(std::string_view text);
/// "32 kb", "1 gb" (powers of 1024, as Flink counts); without a unit, bytes.
Result<std::uint64_t> parse_bytes(std::string_view text);

/// Without blanks (space, tab, carriage return) at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace leat
