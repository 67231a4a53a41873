#pragma once

// What a process needs to know to talk to others. Plain values.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/base/engine_time.hpp"

namespace leat::actors {

/// `host` is a name or an IP address.
struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;

  [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
  bool operator==(const Endpoint&) const = default;
};

/// The port a JobManager listens on unless told otherwise (`jobmanager.rpc.port`).
inline constexpr std::uint16_t kDefaultJobManagerPort = 6123;

class TlsIdentity;

struct LinkOptions {
  /// A connection says something at least this often …
  Duration keep_alive = std::chrono::milliseconds(500);
  /// … and counts as broken after this much silence. Longer than a whole message takes, because only
  /// whole messages count as a sign of life.
  Duration silence_limit = std::chrono::seconds(3);
  /// Null: connections are neither encrypted nor authenticated.
  std::shared_ptr<TlsIdentity> tls;
};

}  // namespace leat::actors
