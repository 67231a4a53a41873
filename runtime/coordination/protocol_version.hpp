#pragma once

// The version of serialization/proto/control.proto that this build speaks. Raised when a peer of
// the version before would misread a message; adding a field it may ignore does not raise it.

#include <cstdint>

namespace leat::runtime {

inline constexpr std::uint32_t kProtocolVersion = 1;

}  // namespace leat::runtime
