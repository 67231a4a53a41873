#pragma once

// What a process does about its certificate in the course of time: takes up another one, complains about
// one that cannot be used, warns before its own expires. Single-threaded, no clock, no files.

#include <optional>
#include <string>
#include <vector>

#include "actors/tls_material.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

class TlsRotation {
 public:
  struct Step {
    std::optional<TlsMaterial> use;  ///< from now on, for new connections
    std::vector<LogEvent> log;
  };

  /// `current` has been checked.
  TlsRotation(TlsOptions options, TlsMaterial current, const CertificateFacts& facts)
      : options_(std::move(options)), current_(std::move(current)), facts_(facts) {}

  /// `found`: what the files hold now. Says each thing once, not each time; and nothing of what it finds
  /// unusable only once, because files are replaced one after the other.
  Step look(const Result<TlsMaterial>& found, WallTime now);

 private:
  enum class Age { kGood, kExpiring, kExpired };

  void take_up(const TlsMaterial& material, const CertificateFacts& facts, Step& step);
  void keep(const std::string& reason, Step& step);
  void watch_age(WallTime now, Step& step);

  TlsOptions options_;
  TlsMaterial current_;
  CertificateFacts facts_;
  std::string seen_reason_;
  std::string told_reason_;
  Age told_age_ = Age::kGood;
};

}  // namespace leat::actors
