#include "tests/actors/test_certificates.hpp"

#include <cstdio>
#include <utility>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "runtime/base/check.hpp"

namespace leat::test {

namespace {

void write_pem(const std::string& path, const auto& write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  LEAT_CHECK(file != nullptr && write(file) == 1);
  std::fclose(file);
}

void write_certificate(const std::string& path, X509* certificate) {
  write_pem(path, [&](std::FILE* file) { return PEM_write_X509(file, certificate); });
}

void set_time(ASN1_TIME* to, std::chrono::seconds after_begin) {
  ASN1_TIME_set(to, (certificates_begin() + after_begin).time_since_epoch().count());
}

void add_name(X509_NAME* to, const std::string& name) {
  X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
}

void extend(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

actors::WallTime certificates_begin() {
  static const auto begin =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) -
      std::chrono::minutes(1);
  return begin;
}

TestAuthority::TestAuthority(std::string directory, const std::string& name)
    : directory_(std::move(directory)),
      ca_file_(directory_ + "/" + name + "-ca.pem"),
      name_(name),
      key_(make_key()) {
  const Certificate certificate =
      make_certificate(name_, key_, {-std::chrono::days(1), std::chrono::days(1)});
  extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  LEAT_CHECK(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  write_certificate(ca_file_, certificate.get());
}

TestAuthority::Key TestAuthority::make_key() {
  return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

TestAuthority::Certificate TestAuthority::make_certificate(const std::string& name,
                                                           const Key& subject,
                                                           const Lifetime& lifetime) const {
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), name == name_ ? 1 : 2);
  set_time(X509_getm_notBefore(certificate.get()), lifetime.from);
  set_time(X509_getm_notAfter(certificate.get()), lifetime.until);
  X509_set_pubkey(certificate.get(), subject.get());
  add_name(X509_get_subject_name(certificate.get()), name);
  add_name(X509_get_issuer_name(certificate.get()), name_);
  return certificate;
}

actors::TlsOptions TestAuthority::issue(const std::string& name, const Lifetime& lifetime,
                                        const std::string& extended_key_usage) const {
  actors::TlsOptions options{directory_ + "/" + name + ".pem", directory_ + "/" + name + "-key.pem",
                             ca_file_};
  const Key key = make_key();
  const Certificate certificate = make_certificate(name, key, lifetime);
  if (!extended_key_usage.empty())
    extend(certificate.get(), NID_ext_key_usage, extended_key_usage);
  LEAT_CHECK(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  write_certificate(options.certificate, certificate.get());
  write_pem(options.key, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return options;
}

}  // namespace leat::test
