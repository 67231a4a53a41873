#pragma once

// What a process proves itself with, as its files hold it, and whether that may be used. No state, no
// clock, no threads.

#include <chrono>
#include <cstddef>
#include <string>

#include "runtime/base/result.hpp"

namespace leat::actors {

/// Paths of PEM files, all three of them.
struct TlsOptions {
  std::string certificate;  ///< this process's, and what chains it to the authority
  std::string key;          ///< without a passphrase
  std::string
      ca_file;  ///< the cluster's own authority, never a public one; while it is replaced, both
};

/// The content of these files.
struct TlsMaterial {
  std::string certificate;
  std::string key;
  std::string authorities;

  bool operator==(const TlsMaterial&) const = default;
};

/// The calendar's time, not the engine's: certificates are valid by it.
using WallTime = std::chrono::sys_seconds;

/// "2026-11-25T20:15:00Z"
[[nodiscard]] std::string wall_time_text(WallTime time);

struct CertificateFacts {
  WallTime from;   ///< of the certificate
  WallTime until;  ///< of it or of one of those above it, whichever ends first
  std::size_t authorities = 0;
};

/// Fails in words (kInput), as does the check, with the path of the file that is at fault.
[[nodiscard]] Result<TlsMaterial> read_tls_material(const TlsOptions& options);

/// Refuses what is no PEM, a key that does not belong to the certificate, a certificate that is not the
/// authorities', that is not valid at `now`, or that cannot serve both ends of a connection. `options` name
/// the files.
[[nodiscard]] Result<CertificateFacts> check_tls_material(const TlsMaterial& material,
                                                          const TlsOptions& options, WallTime now);

}  // namespace leat::actors
