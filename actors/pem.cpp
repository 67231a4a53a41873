#include "actors/pem.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

namespace leat::actors {

namespace {

using Bio = std::unique_ptr<BIO, OpenSslDeleter<BIO_free>>;

Bio bio_of(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

/// Refuses keys with a passphrase instead of asking the terminal for it.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

std::vector<Certificate> certificates_of(const std::string& pem) {
  std::vector<Certificate> certificates;
  const Bio bio = bio_of(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr))
    certificates.emplace_back(certificate);
  ERR_clear_error();  // the end of the text is reported as one
  return certificates;
}

PrivateKey private_key_of(const std::string& pem) {
  PrivateKey key(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  return key;
}

CertificateStore store_of(const std::vector<Certificate>& authorities) {
  CertificateStore store(X509_STORE_new());
  for (const auto& authority : authorities)
    X509_STORE_add_cert(store.get(), authority.get());
  return store;
}

}  // namespace leat::actors
