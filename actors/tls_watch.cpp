#include "actors/tls_watch.hpp"

#include <utility>

namespace leat::actors {

TlsWatch::TlsWatch(std::shared_ptr<TlsIdentity> tls, LogSink& log)
    : tls_(std::move(tls)), log_(log) {
  if (!tls_)
    return;
  tls_->refusals().report_to(&log_);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

TlsWatch::~TlsWatch() {
  if (!tls_)
    return;
  thread_.request_stop();
  thread_.join();
  tls_->refusals().report_to(nullptr);
}

void TlsWatch::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  do
    for (const LogEvent& event : tls_->look())
      log_.write(event);
  while (!stopped_.wait_for(lock, stop, kInterval, [&] { return stop.stop_requested(); }));
}

}  // namespace leat::actors
