#pragma once

// Mutual TLS between all processes of a cluster: whoever holds a certificate of the cluster's authority
// is a full peer, nobody else connects. Immutable; may be shared between threads.
//
// CAF reads the files again for each connection and ends the process when one is missing. So they are
// checked once and copied to a directory of our own; a certificate that was renewed is taken up when the
// process starts anew.

#include <memory>
#include <string>

#include "actors/temporary_directory.hpp"
#include "runtime/base/result.hpp"

namespace leat::actors {

/// Paths of PEM files, all three of them.
struct TlsOptions {
  std::string certificate;  ///< this process's, and what chains it to the authority
  std::string key;          ///< without a passphrase
  std::string ca_file;      ///< the cluster's own authority, never a public one
};

class TlsFiles {
 public:
  /// Fails in words (kInput) when a file is missing, unreadable or no PEM, when the key does not belong
  /// to the certificate, or when the certificate is not the authority's or has expired.
  static Result<std::shared_ptr<const TlsFiles>> prepare(const TlsOptions& options);

  [[nodiscard]] std::string certificate() const { return directory_.path() + "/certificate.pem"; }
  [[nodiscard]] std::string key() const { return directory_.path() + "/key.pem"; }
  [[nodiscard]] std::string ca_file() const { return directory_.path() + "/authority.pem"; }

 private:
  explicit TlsFiles(TemporaryDirectory directory) : directory_(std::move(directory)) {}

  TemporaryDirectory directory_;
};

}  // namespace leat::actors
