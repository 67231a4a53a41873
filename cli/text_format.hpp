#pragma once

// Numbers and times for people. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat::cli {

/// "999", "12.3 k", "1.23 M", "4.56 G": three digits are enough to watch something grow.
[[nodiscard]] std::string format_count(double count);
/// "412 ms", "12.3 s", "2 min 5 s", "1 h 3 min".
[[nodiscard]] std::string format_duration_ms(std::uint64_t ms);
/// "2026-01-31 22:10:03", in the process's time zone.
[[nodiscard]] std::string format_unix_ms(std::uint64_t unix_ms);
/// "512 B", "12.3 KiB", "4.56 GiB".
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);
/// In quotes, escaped.
[[nodiscard]] std::string json_string(std::string_view text);
/// A line per row, columns as wide as their widest field.
[[nodiscard]] std::string format_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace leat::cli
