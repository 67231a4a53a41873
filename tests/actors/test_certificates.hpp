#pragma once

// Certificates for tests: an authority and what it signs.

#include <chrono>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "actors/tls_material.hpp"

namespace leat::test {

/// A minute ago when first asked; the same for the whole test.
[[nodiscard]] actors::WallTime certificates_begin();

/// Counted from certificates_begin().
struct Lifetime {
  std::chrono::seconds from{0};
  std::chrono::seconds until = std::chrono::hours(1);
};

class TestAuthority {
 public:
  /// Writes <name>-ca.pem into `directory`.
  TestAuthority(std::string directory, const std::string& name);

  /// Signs a certificate, for anything unless told; writes it and its key, over those of the same name if there are any.
  actors::TlsOptions issue(const std::string& name, const Lifetime& lifetime = {},
                           const std::string& extended_key_usage = "") const;

 private:
  using Key = std::shared_ptr<EVP_PKEY>;
  using Certificate = std::shared_ptr<X509>;

  static Key make_key();
  Certificate make_certificate(const std::string& name, const Key& subject,
                               const Lifetime& lifetime) const;

  std::string directory_;
  std::string ca_file_;
  std::string name_;
  Key key_;
};

}  // namespace leat::test
