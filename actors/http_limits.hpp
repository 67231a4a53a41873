#pragma once

// What clients of the HTTP port may take, all together and each.

#include <chrono>
#include <cstddef>

namespace leat::actors {

struct HttpLimits {
  /// Of a request: all that is read.
  std::size_t request_bytes = std::size_t{16} << 10U;
  /// From the connection until its request has been read; and again to take the answer.
  std::chrono::milliseconds patience{2000};
  /// Connections that are read and answered at a time; one whose client says nothing is held for `patience`.
  std::size_t threads = 4;
  /// Connections that wait for a thread; further ones are closed at once.
  std::size_t waiting = 64;
};

}  // namespace leat::actors
