#include "actors/tls_material.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include <openssl/asn1.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "actors/log_format.hpp"
#include "actors/pem.hpp"

namespace leat::actors {

namespace {

void free_stack(STACK_OF(X509) * stack) {
  sk_X509_free(stack);
}

// The stack alone: the certificates in it belong to others.
using Stack = std::unique_ptr<STACK_OF(X509), OpenSslDeleter<free_stack>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, OpenSslDeleter<X509_STORE_CTX_free>>;

Error tls_error(const std::string& path, const std::string& problem) {
  return Error(ErrorKind::kInput, "TLS: " + path + " " + problem);
}

Result<std::string> read_file(const std::string& path, const std::string& what) {
  if (path.empty())
    return Error(ErrorKind::kInput,
                 "TLS needs a certificate, its key and the authority's certificate: the " + what +
                     " is missing");
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || content.empty())
    return tls_error(path, "(the " + what + ") cannot be read");
  return content;
}

WallTime wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return WallTime(std::chrono::seconds(timegm(&parts)));
}

std::string chain_problem(const X509_STORE_CTX& context, const TlsOptions& options) {
  const int code = X509_STORE_CTX_get_error(&context);
  const X509* at = X509_STORE_CTX_get_current_cert(&context);
  const std::string whose =
      X509_STORE_CTX_get_error_depth(&context) == 0 ? "" : "is issued by an authority that ";
  if (code == X509_V_ERR_CERT_HAS_EXPIRED)
    return whose + "expired at " + wall_time_text(wall_time(X509_get0_notAfter(at)));
  if (code == X509_V_ERR_CERT_NOT_YET_VALID)
    return whose + "is not valid before " + wall_time_text(wall_time(X509_get0_notBefore(at))) +
           " (compare the clocks)";
  return "is not accepted by the authority " + options.ca_file + ": " +
         X509_verify_cert_error_string(code);
}

Result<CertificateFacts> check_chain(const std::vector<Certificate>& chain,
                                     const std::vector<Certificate>& authorities,
                                     const TlsOptions& options, WallTime now) {
  const CertificateStore trusted = store_of(authorities);
  const Stack between(sk_X509_new_null());
  for (const auto& certificate : chain)
    sk_X509_push(between.get(), certificate.get());
  const StoreContext context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), trusted.get(), chain.front().get(), between.get());
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()),
                             now.time_since_epoch().count());
  if (X509_verify_cert(context.get()) != 1)
    return tls_error(options.certificate, chain_problem(*context, options));
  CertificateFacts facts{wall_time(X509_get0_notBefore(chain.front().get())), WallTime::max(),
                         authorities.size()};
  const STACK_OF(X509)* all = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(all); ++i)
    facts.until = std::min(facts.until, wall_time(X509_get0_notAfter(sk_X509_value(all, i))));
  return facts;
}

bool serves_both_ends(const Certificate& certificate) {
  return X509_check_purpose(certificate.get(), X509_PURPOSE_SSL_SERVER, 0) == 1 &&
         X509_check_purpose(certificate.get(), X509_PURPOSE_SSL_CLIENT, 0) == 1;
}

}  // namespace

std::string wall_time_text(WallTime time) {
  const std::string text = format_timestamp(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  return text.substr(0, text.find('.')) + "Z";
}

Result<TlsMaterial> read_tls_material(const TlsOptions& options) {
  auto certificate = read_file(options.certificate, "certificate");
  if (!certificate)
    return certificate.error();
  auto key = read_file(options.key, "key");
  if (!key)
    return key.error();
  auto authorities = read_file(options.ca_file, "authority's certificate");
  if (!authorities)
    return authorities.error();
  return TlsMaterial{std::move(*certificate), std::move(*key), std::move(*authorities)};
}

Result<CertificateFacts> check_tls_material(const TlsMaterial& material, const TlsOptions& options,
                                            WallTime now) {
  const auto chain = certificates_of(material.certificate);
  if (chain.empty())
    return tls_error(options.certificate, "holds no PEM certificate");
  const PrivateKey key = private_key_of(material.key);
  if (!key)
    return tls_error(options.key, "holds no PEM key without a passphrase");
  if (X509_check_private_key(chain.front().get(), key.get()) != 1)
    return tls_error(options.key, "is not the key of " + options.certificate);
  const auto authorities = certificates_of(material.authorities);
  if (authorities.empty())
    return tls_error(options.ca_file, "holds no PEM certificate");
  if (!serves_both_ends(chain.front()))
    return tls_error(options.certificate,
                     "is not for both servers and clients: its extended key usage must name both, "
                     "or be left out");
  return check_chain(chain, authorities, options, now);
}

}  // namespace leat::actors
