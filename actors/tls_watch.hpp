#pragma once

// Looks after a daemon's certificate on a thread of its own: takes up what has changed in its files every
// few seconds, and has refused peers logged. From before the actor system until after it.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "actors/tls_identity.hpp"
#include "runtime/base/log_event.hpp"

namespace leat::actors {

class TlsWatch {
 public:
  static constexpr std::chrono::seconds kInterval{2};

  /// Null `tls`: nothing to look after.
  TlsWatch(std::shared_ptr<TlsIdentity> tls, LogSink& log);
  ~TlsWatch();
  TlsWatch(const TlsWatch&) = delete;
  TlsWatch& operator=(const TlsWatch&) = delete;

 private:
  void run(const std::stop_token& stop);

  std::shared_ptr<TlsIdentity> tls_;
  LogSink& log_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

}  // namespace leat::actors
