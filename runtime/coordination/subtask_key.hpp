#pragma once

// Which subtask of which deployment of which job: a value, unique over the life of a cluster, as
// attempt numbers are never reused.

#include <compare>
#include <cstdint>
#include <optional>

#include "runtime/base/ids.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {

struct SubtaskKey {
  JobId job;
  Attempt attempt{};
  std::uint32_t subtask = 0;
  auto operator<=>(const SubtaskKey&) const = default;
};

/// Nothing if the job id is none.
[[nodiscard]] std::optional<SubtaskKey> to_key(const proto::SubtaskRef& ref);
[[nodiscard]] proto::SubtaskRef to_ref(Epoch epoch, const SubtaskKey& key);
/// Of all subtasks that a TaskManager has of the attempt and those before it.
[[nodiscard]] proto::ReleaseAttempt make_release(Epoch epoch, JobId job, Attempt attempt);

[[nodiscard]] constexpr std::uint32_t number(Attempt attempt) {
  return static_cast<std::uint32_t>(attempt);
}
[[nodiscard]] constexpr std::uint64_t number(Epoch epoch) {
  return static_cast<std::uint64_t>(epoch);
}
[[nodiscard]] constexpr Attempt next(Attempt attempt) {
  return Attempt{number(attempt) + 1};
}

}  // namespace leat::runtime
