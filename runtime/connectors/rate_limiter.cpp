#include "runtime/connectors/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.hpp"

namespace leat::runtime {

namespace {

/// Of a record: what rounding may have taken from a time that was computed to be exact.
constexpr double kRounding = 1e-6;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Duration rounded_up(double seconds) {
  constexpr double kNanoseconds = 1e9;
  constexpr double kCentury = 3e9;
  return Duration(static_cast<std::int64_t>(std::ceil(std::min(seconds, kCentury) * kNanoseconds)));
}

}  // namespace

RateLimiter::RateLimiter(double rate, std::uint32_t subtask, std::uint32_t parallelism)
    : seconds_per_record_(parallelism / rate), first_seconds_(subtask / rate) {
  LEAT_CHECK(rate > 0 && subtask < parallelism);
}

std::uint64_t RateLimiter::allowed(Time now) {
  if (!started_) {
    started_ = true;
    start_ = last_ = now;
  }
  const double most = std::max(1.0, kCatchUp * seconds(kLongestStep) / seconds_per_record_);
  credit_ += kCatchUp * seconds(now - last_) / seconds_per_record_;
  credit_ = std::min(credit_, most);
  last_ = now;
  const double scheduled = (seconds(now - start_) - first_seconds_) / seconds_per_record_;
  if (scheduled + kRounding < 0)
    return 0;
  const auto due = static_cast<std::uint64_t>(std::floor(scheduled + kRounding)) + 1;
  const auto credit = static_cast<std::uint64_t>(credit_ + kRounding);
  return due <= emitted_ ? 0 : std::min(due - emitted_, credit);
}

void RateLimiter::emitted(std::uint64_t records) {
  emitted_ += records;
  credit_ -= static_cast<double>(records);
}

Time RateLimiter::next(Time now) const {
  const Time due =
      start_ + rounded_up(first_seconds_ + static_cast<double>(emitted_) * seconds_per_record_);
  const Time credited =
      now + rounded_up(std::max(0.0, 1 - credit_) * seconds_per_record_ / kCatchUp);
  return std::max({due, credited, now + kLeastWait});
}

}  // namespace leat::runtime
