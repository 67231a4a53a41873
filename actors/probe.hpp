#pragma once

// Finds out whether anything accepts connections at an endpoint before CAF dials it: CAF's connect blocks
// its middleman, and with it all else that dials, for as long as the system tries (two minutes if the
// host swallows packets). Runs on a thread of its own that nobody waits for: it may be held up by a
// name's resolution, and ends by itself.

#include <chrono>
#include <memory>
#include <optional>

#include "actors/network_options.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

inline constexpr std::chrono::seconds kProbeTimeout{3};

class Probe {
 public:
  explicit Probe(const Endpoint& endpoint, Duration timeout = kProbeTimeout);

  /// Nothing before it is known, which takes little longer than the timeout. The endpoint with the
  /// address that answered as its host, or kUnreachable with the reason alone as its text.
  [[nodiscard]] std::optional<Result<Endpoint>> outcome() const;

 private:
  class State;

  std::shared_ptr<State> state_;
  Time give_up_at_;
};

}  // namespace leat::actors
