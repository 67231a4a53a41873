#pragma once

// How a log event reads on one line: `<timestamp> warn supervisor event=child_failed child=…`, or
// the same as a JSON object. Pure functions.

#include <string>
#include <string_view>

#include "runtime/base/log_event.hpp"

namespace leat::actors {

enum class LogFormat { kText, kJson };

[[nodiscard]] std::string_view level_name(LogLevel level);

/// No newline at the end. A value with spaces, quotes, '=' or control characters is quoted.
[[nodiscard]] std::string format_text(const LogEvent& event, std::string_view timestamp);
/// One JSON object: time, level, component, event, then the fields as strings. Bytes that are no
/// UTF-8 become U+FFFD, so that the line is always valid JSON.
[[nodiscard]] std::string format_json(const LogEvent& event, std::string_view timestamp);

/// RFC 3339 in UTC with milliseconds.
[[nodiscard]] std::string format_timestamp(std::int64_t unix_ms);

}  // namespace leat::actors
