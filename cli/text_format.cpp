#include "cli/text_format.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>

namespace leat::cli {

namespace {

std::string three_digits(double value) {
  if (value < 10)
    return fmt::format("{:.2f}", value);
  return value < 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

}  // namespace

std::string format_count(double count) {
  constexpr std::array<const char*, 4> kUnits{"k", "M", "G", "T"};
  if (count < 999.5)
    return fmt::format("{:.0f}", count);
  std::size_t unit = 0;
  double scaled = count / 1000;
  while (scaled >= 999.5 && unit + 1 < kUnits.size()) {
    scaled /= 1000;
    ++unit;
  }
  return three_digits(scaled) + " " + kUnits[unit];
}

std::string format_duration_ms(std::uint64_t ms) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  if (ms < 1000)
    return fmt::format("{} ms", ms);
  const std::uint64_t seconds = ms / 1000;
  if (seconds < kMinute)
    return fmt::format("{}.{} s", seconds, ms % 1000 / 100);
  if (seconds < kHour)
    return fmt::format("{} min {} s", seconds / kMinute, seconds % kMinute);
  return fmt::format("{} h {} min", seconds / kHour, seconds % kHour / kMinute);
}

std::string format_unix_ms(std::uint64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, sizeof "9999-12-31 23:59:59"> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 4> kUnits{"KiB", "MiB", "GiB", "TiB"};
  constexpr double kStep = 1024;
  if (bytes < 1024)
    return fmt::format("{} B", bytes);
  std::size_t unit = 0;
  double scaled = static_cast<double>(bytes) / kStep;
  while (scaled >= 999.5 && unit + 1 < kUnits.size()) {
    scaled /= kStep;
    ++unit;
  }
  return three_digits(scaled) + " " + kUnits[unit];
}

std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      result += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      result += c;
  }
  return result + "\"";
}

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], row[column].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t column = 0; column + 1 < row.size(); ++column)
      text += fmt::format("{:<{}}  ", row[column], widths[column]);
    text += (row.empty() ? "" : row.back()) + "\n";
  }
  return text;
}

}  // namespace leat::cli
