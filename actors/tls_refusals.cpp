#include "actors/tls_refusals.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace leat::actors {

namespace {

std::string certificate_problem(long verify_result) {
  if (verify_result == X509_V_ERR_CERT_HAS_EXPIRED)
    return "its certificate has expired";
  if (verify_result == X509_V_ERR_CERT_NOT_YET_VALID)
    return "its certificate is not valid yet: compare the clocks";
  return std::string("its certificate is of another authority than security.ssl.ca holds (") +
         X509_verify_cert_error_string(verify_result) + ")";
}

}  // namespace

std::optional<std::string> refusal_text(unsigned long error, long verify_result) {
  const int reason = ERR_GET_REASON(error);
  if (error == 0 || ERR_GET_LIB(error) != ERR_LIB_SSL || reason >= SSL_AD_REASON_OFFSET)
    return std::nullopt;
  switch (reason) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return std::nullopt;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return certificate_problem(verify_result);
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "it shows no certificate";
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return "it does not speak TLS: set security.ssl.* for it too";
    default: {
      const char* text = ERR_reason_error_string(error);
      return std::string("it does not speak TLS as we do (") + (text ? text : "unknown") + ")";
    }
  }
}

std::optional<std::string> refused_text(int alert) {
  switch (alert) {
    case SSL_AD_CLOSE_NOTIFY:
    case SSL_AD_USER_CANCELLED:
      return std::nullopt;
    case SSL_AD_UNKNOWN_CA:
      return "it does not accept this side's certificate: it is of another authority";
    case SSL_AD_CERTIFICATE_EXPIRED:
      return "it does not accept this side's certificate: it has expired";
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_DECRYPT_ERROR:
      return "it does not accept this side's certificate: it may be of another authority, expired "
             "or "
             "not valid yet";
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return "it wants a certificate, and this side has none";
    default:
      return std::string("it broke off TLS (") + SSL_alert_desc_string_long(alert) + ")";
  }
}

void TlsRefusals::report_to(LogSink* log) {
  const std::lock_guard lock(mutex_);
  log_ = log;
}

void TlsRefusals::on_accepted(const std::string& address, const std::string& reason, Time now) {
  const std::lock_guard lock(mutex_);
  if (log_ == nullptr)
    return;
  if (told_.size() >= kMostRemembered)
    std::erase_if(told_, [&](const auto& one) { return now - one.second >= kQuiet; });
  if (told_.size() >= kMostRemembered)
    return;
  const auto [told, first] = told_.try_emplace({address, reason}, now);
  if (!first && now - told->second < kQuiet)
    return;
  told->second = now;
  log_->write({LogLevel::kWarn, "tls", "peer_refused", {{"address", address}, {"reason", reason}}});
}

void TlsRefusals::on_dialled(const Endpoint& endpoint, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  dialled_.insert_or_assign(endpoint.text(), reason);
}

void TlsRefusals::on_reached(const Endpoint& endpoint) {
  const std::lock_guard lock(mutex_);
  dialled_.erase(endpoint.text());
}

std::optional<std::string> TlsRefusals::why(const Endpoint& endpoint) const {
  const std::lock_guard lock(mutex_);
  const auto found = dialled_.find(endpoint.text());
  return found == dialled_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace leat::actors
