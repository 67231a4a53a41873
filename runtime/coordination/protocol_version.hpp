#pragma once

// Which versions of serialization/proto/control.proto this build speaks, and whether two sides can talk.
// docs/connections.md says what may change without a new version. The values are set before there
// are threads.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/result.hpp"

namespace leat::runtime {

/// Raised when a peer of the version before would misread a message; adding a field it may ignore does not
/// raise it.
inline constexpr std::uint32_t kProtocolVersion = 1;
/// The version before the newest at most: during a rolling update both are at work.
inline constexpr std::uint32_t kOldestProtocolVersion = 1;

/// A side speaks every version from the oldest to the newest.
struct ProtocolRange {
  std::uint32_t oldest = kOldestProtocolVersion;
  std::uint32_t newest = kProtocolVersion;
  bool operator==(const ProtocolRange&) const = default;
};

/// What this process speaks.
[[nodiscard]] ProtocolRange own_protocol();
/// What a message says; `oldest` 0: from before there were ranges, it speaks `newest` only.
[[nodiscard]] ProtocolRange protocol_range(std::uint32_t newest, std::uint32_t oldest);
/// The lower of the two newest, if both speak it.
[[nodiscard]] std::optional<std::uint32_t> common_version(ProtocolRange one, ProtocolRange other);

struct ProtocolSide {
  std::string name;  ///< "this JobManager", "TaskManager 'tm-1'"
  ProtocolRange range;
};
/// Why two that have no version in common do not talk, and what to do. kProtocol.
[[nodiscard]] Error no_common_version(const ProtocolSide& one, const ProtocolSide& other);

/// The executable reads it at its start and hands its value to pretend_protocol_version(): the process
/// then speaks that version and the one before, whatever it was built for. For tests of rolling updates.
inline constexpr const char* kProtocolVariable = "LEAT_PROTOCOL_VERSION";
Result<void> pretend_protocol_version(std::string_view setting);

}  // namespace leat::runtime
