#pragma once

// Why TLS connections did not come about. Peers that were refused are logged; what happened to a
// connection of our own is kept for whoever dialled it. Thread-safe.

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "actors/network_options.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/log_event.hpp"

namespace leat::actors {

/// In words, from OpenSSL's error and what it found about the peer's certificate; nothing if the peer just
/// went away, as a probe does, or if it was the one that refused.
[[nodiscard]] std::optional<std::string> refusal_text(unsigned long error, long verify_result);
/// From the alert with which the peer refused; nothing if it only says goodbye.
[[nodiscard]] std::optional<std::string> refused_text(int alert);

class TlsRefusals {
 public:
  /// The same peer's same reason is logged again only after so long.
  static constexpr std::chrono::minutes kQuiet{10};
  /// Strangers cannot make us remember more than so many.
  static constexpr std::size_t kMostRemembered = 1000;

  /// Null: to nobody. Outlives this object, or is taken back.
  void report_to(LogSink* log);

  /// A connection from `address` has come to nothing.
  void on_accepted(const std::string& address, const std::string& reason, Time now);
  /// So has one to `endpoint`.
  void on_dialled(const Endpoint& endpoint, const std::string& reason);
  void on_reached(const Endpoint& endpoint);

  /// Why connections to `endpoint` have failed since it was last reached. A peer does not always get its
  /// reason across, so this may be that of an earlier one.
  [[nodiscard]] std::optional<std::string> why(const Endpoint& endpoint) const;

 private:
  mutable std::mutex mutex_;
  LogSink* log_ = nullptr;
  std::map<std::pair<std::string, std::string>, Time> told_;
  std::map<std::string, std::string> dialled_;
};

}  // namespace leat::actors
