#pragma once

// 128-bit random identifiers, told apart by type. Printed as 32 lower-case hex digits.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace leat {

namespace detail {
/// False unless `text` is exactly 32 lower-case hex digits.
[[nodiscard]] bool parse_hex128(std::string_view text, std::uint64_t& high, std::uint64_t& low);
[[nodiscard]] std::string format_hex128(std::uint64_t high, std::uint64_t low);
}  // namespace detail

template <class Tag>
class Id128 {
 public:
  Id128() = default;
  Id128(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}

  /// Fails in words naming `what` ("job id") unless `text` is 32 lower-case hex digits.
  static Result<Id128> parse(std::string_view text, std::string_view what) {
    Id128 id;
    if (!detail::parse_hex128(text, id.high_, id.low_))
      return Error(ErrorKind::kUsage, "'" + std::string(text) + "' is no " + std::string(what) +
                                          ": 32 hex digits (0-9a-f) are expected");
    return id;
  }

  [[nodiscard]] std::string hex() const { return detail::format_hex128(high_, low_); }
  [[nodiscard]] std::uint64_t high() const { return high_; }
  [[nodiscard]] std::uint64_t low() const { return low_; }
  auto operator<=>(const Id128&) const = default;

  template <class H>
  friend H AbslHashValue(H state, const Id128& id) {
    return H::combine(std::move(state), id.high_, id.low_);
  }

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

/// Chosen by the client, so that a retried submission is recognised.
using JobId = Id128<struct JobIdTag>;
/// One life of one TaskManager actor; a restarted one has another.
using Incarnation = Id128<struct IncarnationTag>;

/// Deployment number of a job, from 1. Messages of older attempts are dropped.
enum class Attempt : std::uint32_t {};
/// Life of the JobManager on one volume, from 1; incremented at each start.
enum class Epoch : std::uint64_t {};

}  // namespace leat
