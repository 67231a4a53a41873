// What is said of TLS connections that did not come about.

#include "actors/tls_refusals.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "tests/actors/recording_log.hpp"

namespace leat::actors {
namespace {

unsigned long ssl_error(int reason) {
  return ERR_PACK(ERR_LIB_SSL, 0, reason);
}

TEST(RefusalText, TellsAnotherAuthorityExpiryMissingCertificateAndPlainTextApart) {
  const auto text = [](int reason, long verified = X509_V_OK) {
    return refusal_text(ssl_error(reason), verified).value_or("nothing");
  };
  const int refused = SSL_R_CERTIFICATE_VERIFY_FAILED;
  EXPECT_TRUE(text(refused, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)
                  .starts_with("its certificate is of another authority"));
  EXPECT_EQ(text(refused, X509_V_ERR_CERT_HAS_EXPIRED), "its certificate has expired");
  EXPECT_EQ(text(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE), "it shows no certificate");
  EXPECT_TRUE(text(SSL_R_WRONG_VERSION_NUMBER).starts_with("it does not speak TLS:"));
  EXPECT_TRUE(text(SSL_R_HTTP_REQUEST).starts_with("it does not speak TLS:"));
}

TEST(RefusalText, IsSilentAboutProbesAndAboutWhatThePeerRefused) {
  EXPECT_FALSE(refusal_text(0, X509_V_OK));
  EXPECT_FALSE(refusal_text(ssl_error(SSL_R_UNEXPECTED_EOF_WHILE_READING), X509_V_OK));
  EXPECT_FALSE(refusal_text(ssl_error(SSL_R_TLSV1_ALERT_UNKNOWN_CA), X509_V_OK));
  EXPECT_FALSE(refused_text(SSL_AD_CLOSE_NOTIFY));
}

TEST(TlsRefusals, LogsAPeersReasonOnceInAWhile) {
  test::RecordingLog log;
  TlsRefusals refusals;
  refusals.report_to(&log);
  Time now{};
  for (int i = 0; i < 5; ++i)
    refusals.on_accepted("10.0.0.1", "one", now);
  EXPECT_EQ(log.count("peer_refused"), 1U);
  refusals.on_accepted("10.0.0.1", "another", now);
  refusals.on_accepted("10.0.0.2", "one", now);
  EXPECT_EQ(log.count("peer_refused"), 3U);
  now += TlsRefusals::kQuiet;
  refusals.on_accepted("10.0.0.1", "one", now);
  EXPECT_EQ(log.count("peer_refused"), 4U);
}

TEST(TlsRefusals, StrangersCannotMakeItRememberOrSayMoreThanSoMuch) {
  test::RecordingLog log;
  TlsRefusals refusals;
  refusals.report_to(&log);
  Time now{};
  const auto all = 2 * TlsRefusals::kMostRemembered;
  for (std::size_t i = 0; i < all; ++i)
    refusals.on_accepted(std::to_string(i), "one", now);
  EXPECT_EQ(log.count("peer_refused"), TlsRefusals::kMostRemembered);
  now += TlsRefusals::kQuiet;
  refusals.on_accepted("a late one", "one", now);
  EXPECT_EQ(log.count("peer_refused"), TlsRefusals::kMostRemembered + 1);
}

TEST(TlsRefusals, KeepsTheReasonForWhoeverDialsUntilThePeerIsReached) {
  TlsRefusals refusals;
  const Endpoint endpoint{"10.0.0.1", 6123};
  EXPECT_FALSE(refusals.why(endpoint));
  refusals.on_dialled(endpoint, "one");
  EXPECT_FALSE(refusals.why({"10.0.0.1", 6124}));
  EXPECT_EQ(refusals.why(endpoint), "one");
  refusals.on_dialled(endpoint, "another");
  EXPECT_EQ(refusals.why(endpoint), "another");
  refusals.on_reached(endpoint);
  EXPECT_FALSE(refusals.why(endpoint));
}

}  // namespace
}  // namespace leat::actors
