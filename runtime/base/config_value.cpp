#include "runtime/base/config_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

namespace leat {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr Unit kTimeUnits[] = {{"ms", kSecond / 1000}, {"s", kSecond},        {"sec", kSecond},
                               {"m", 60 * kSecond},    {"min", 60 * kSecond}, {"h", 3600 * kSecond},
                               {"d", 86'400 * kSecond}};
constexpr Unit kByteUnits[] = {{"", 1},
                               {"b", 1},
                               {"kb", 1ULL << 10U},
                               {"mb", 1ULL << 20U},
                               {"gb", 1ULL << 30U},
                               {"tb", 1ULL << 40U}};

Error expected(std::string_view text, std::string_view what) {
  return {ErrorKind::kUsage, "'" + std::string(text) + "' is not " + std::string(what)};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

Result<std::uint64_t> with_unit(std::string_view text, std::span<const Unit> units,
                                std::string_view what, std::uint64_t limit) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const Result<std::uint64_t> number = parse_integer(text.substr(0, digits));
  if (!number)
    return expected(text, what);
  const std::string name = lower(trim(text.substr(digits)));
  if (*number == 0 && name.empty())
    return std::uint64_t{0};
  const auto unit =
      std::find_if(units.begin(), units.end(), [&](const Unit& each) { return each.name == name; });
  if (unit == units.end())
    return expected(text, what);
  if (*number > limit / unit->factor)
    return Error(ErrorKind::kUsage, "'" + std::string(text) + "' is too large");
  return *number * unit->factor;
}

}  // namespace

Result<std::uint64_t> parse_integer(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc::result_out_of_range)
    return Error(ErrorKind::kUsage, "'" + std::string(text) + "' is too large");
  if (failure != std::errc() || end != text.data() + text.size())
    return expected(text, "a whole number");
  return value;
}

Result<double> parse_decimal(std::string_view text) {
  constexpr std::string_view kWhat = "a decimal number, such as '1.5'";
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (failure != std::errc() || rest != end || !std::isfinite(value))
    return expected(text, kWhat);
  return value;
}

Result<Duration> parse_duration(std::string_view text) {
  constexpr auto kLongest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto nanoseconds =
      with_unit(text, kTimeUnits,
                "a time with its unit, such as '500 ms', '3 s', '10 min' or '1 h'", kLongest);
  if (!nanoseconds)
    return nanoseconds.error();
  return Duration(static_cast<std::int64_t>(*nanoseconds));
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  return with_unit(text, kByteUnits, "a size, such as '32 kb', '64 mb' or '1 gb'",
                   std::numeric_limits<std::uint64_t>::max());
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace leat
