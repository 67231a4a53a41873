#pragma once

// PEM text as OpenSSL's objects. No state.

#include <memory>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace leat::actors {

template <auto Free>
struct OpenSslDeleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using Certificate = std::unique_ptr<X509, OpenSslDeleter<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, OpenSslDeleter<EVP_PKEY_free>>;
using CertificateStore = std::unique_ptr<X509_STORE, OpenSslDeleter<X509_STORE_free>>;

/// All certificates in their order; none if there is none.
[[nodiscard]] std::vector<Certificate> certificates_of(const std::string& pem);

/// Null if there is none, or one with a passphrase.
[[nodiscard]] PrivateKey private_key_of(const std::string& pem);

/// What trusts the given certificates and nothing else.
[[nodiscard]] CertificateStore store_of(const std::vector<Certificate>& authorities);

}  // namespace leat::actors
