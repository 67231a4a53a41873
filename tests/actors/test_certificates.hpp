#pragma once

// Certificates for tests: an authority and what it signs, valid for an hour.

#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "actors/tls_files.hpp"

namespace leat::test {

class TestAuthority {
 public:
  /// Writes <name>-ca.pem into `directory`.
  TestAuthority(std::string directory, const std::string& name);

  /// Signs a certificate; writes it and its key.
  [[nodiscard]] actors::TlsOptions issue(const std::string& name) const;

 private:
  using Key = std::shared_ptr<EVP_PKEY>;
  using Certificate = std::shared_ptr<X509>;

  static Key make_key();
  Certificate make_certificate(const std::string& name, const Key& subject) const;

  std::string directory_;
  std::string ca_file_;
  std::string name_;
  Key key_;
};

}  // namespace leat::test
