#pragma once

// Mutual TLS between all processes of a cluster: whoever holds a certificate of the cluster's authority
// is a full peer, nobody else connects.
//
// Left alone CAF reads certificate, key and authority from their files for each connection, and ends the
// process when one is missing or does not fit. Here they are checked first and kept in memory, one
// OpenSSL context for all connections, which is exchanged when the files change: connections that stand
// keep what they were made with. actors/executable/tls_session.cpp hands the context to CAF.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>

#include "actors/tls_material.hpp"
#include "actors/tls_refusals.hpp"
#include "actors/tls_rotation.hpp"
#include "runtime/base/log_event.hpp"
#include "runtime/base/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace leat::actors {

/// Today, by the calendar.
[[nodiscard]] WallTime wall_time_now();

/// Thread-safe, but for `look`, which one thread calls at a time. Outlives the actor system that uses it.
class TlsIdentity {
 public:
  /// Fails in words (kInput) when the files cannot be used; see check_tls_material.
  static Result<std::shared_ptr<TlsIdentity>> load(const TlsOptions& options);

  TlsIdentity(TlsOptions options, TlsMaterial material, const CertificateFacts& facts);
  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

  /// Takes up what has changed in the files; what is to be logged about that.
  std::vector<LogEvent> look(WallTime now = wall_time_now());

  /// For one connection, whose owner releases it with SSL_CTX_free.
  [[nodiscard]] ssl_ctx_st* context() const;

  [[nodiscard]] TlsRefusals& refusals() { return refusals_; }

 private:
  struct FreeContext {
    void operator()(ssl_ctx_st* context) const;
  };
  using Context = std::unique_ptr<ssl_ctx_st, FreeContext>;

  Context make_context(const TlsMaterial& material);
  static void observe(const ssl_st* connection, int where, int value);
  void failed(const ssl_st* connection, const std::string& reason);

  TlsOptions options_;
  TlsRotation rotation_;
  TlsRefusals refusals_;
  mutable std::mutex mutex_;
  Context context_;
};

/// That of the actor system, whose configuration must be a LeatActorConfig with TLS; see context().
[[nodiscard]] ssl_ctx_st* tls_context_of(const caf::actor_system& system);

}  // namespace leat::actors
