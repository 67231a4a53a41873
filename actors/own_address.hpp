#pragma once

// The address at which other machines find this one. Any thread; blocks while names are looked up.

#include <string>

#include "runtime/base/result.hpp"

namespace leat::actors {

/// What the machine's host name stands for. In a container that is its address in its network.
[[nodiscard]] Result<std::string> own_address();

/// The first numeric address of `host` that is not loopback's, IPv4 before IPv6.
[[nodiscard]] Result<std::string> outward_address(const std::string& host);

}  // namespace leat::actors
