#include "actors/tls_identity.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "actors/actor_config.hpp"
#include "actors/boot_clock.hpp"
#include "actors/pem.hpp"
#include "runtime/base/check.hpp"

namespace leat::actors {

namespace {

/// Who is at the other end of a connection.
Endpoint peer_of(const SSL* connection) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  char host[NI_MAXHOST] = "";
  char port[NI_MAXSERV] = "";
  if (getpeername(SSL_get_fd(connection), any, &length) != 0 ||
      getnameinfo(any, length, host, sizeof(host), port, sizeof(port),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return {"unknown", 0};
  return {host, static_cast<std::uint16_t>(std::stoul(port))};
}

void free_peer(void*, void* peer, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Endpoint*>(peer);
}

/// Where a connection keeps who its peer is: a peer that has gone can no longer be asked for.
int peer_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_peer);
  return index;
}

}  // namespace

WallTime wall_time_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Result<std::shared_ptr<TlsIdentity>> TlsIdentity::load(const TlsOptions& options) {
  auto material = read_tls_material(options);
  if (!material)
    return material.error();
  const auto facts = check_tls_material(*material, options, wall_time_now());
  if (!facts)
    return facts.error();
  return std::make_shared<TlsIdentity>(options, std::move(*material), *facts);
}

TlsIdentity::TlsIdentity(TlsOptions options, TlsMaterial material, const CertificateFacts& facts)
    : options_(options),
      rotation_(std::move(options), material, facts),
      context_(make_context(material)) {}

TlsIdentity::~TlsIdentity() = default;

void TlsIdentity::FreeContext::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

TlsIdentity::Context TlsIdentity::make_context(const TlsMaterial& material) {
  Context context(SSL_CTX_new(TLS_method()));
  SSL_CTX* const raw = context.get();
  const auto chain = certificates_of(material.certificate);
  LEAT_CHECK(raw != nullptr && SSL_CTX_use_certificate(raw, chain.front().get()) == 1);
  for (std::size_t i = 1; i < chain.size(); ++i)
    LEAT_CHECK(SSL_CTX_add1_chain_cert(raw, chain[i].get()) == 1);
  LEAT_CHECK(SSL_CTX_use_PrivateKey(raw, private_key_of(material.key).get()) == 1);
  SSL_CTX_set_cert_store(raw, store_of(certificates_of(material.authorities)).release());
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  // Nobody resumes: a session would outlive the certificate it was made with.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_app_data(raw, this);
  SSL_CTX_set_info_callback(raw, &TlsIdentity::observe);
  return context;
}

std::vector<LogEvent> TlsIdentity::look(WallTime now) {
  auto step = rotation_.look(read_tls_material(options_), now);
  if (step.use) {
    Context context = make_context(*step.use);
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
  }
  return std::move(step.log);
}

ssl_ctx_st* TlsIdentity::context() const {
  const std::lock_guard lock(mutex_);
  SSL_CTX_up_ref(context_.get());
  return context_.get();
}

void TlsIdentity::observe(const ssl_st* connection, int where, int value) {
  auto* const self = static_cast<TlsIdentity*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  if (where == SSL_CB_HANDSHAKE_START && SSL_get_ex_data(connection, peer_index()) == nullptr)
    SSL_set_ex_data(const_cast<SSL*>(connection), peer_index(), new Endpoint(peer_of(connection)));
  std::optional<std::string> reason;
  if (where == SSL_CB_READ_ALERT)
    reason = refused_text(value & 0xff);
  else if ((where == SSL_CB_ACCEPT_EXIT || where == SSL_CB_CONNECT_EXIT) && value != 1)
    reason = refusal_text(ERR_peek_last_error(), SSL_get_verify_result(connection));
  if (reason)
    self->failed(connection, *reason);
}

void TlsIdentity::failed(const ssl_st* connection, const std::string& reason) {
  const Endpoint& peer = *static_cast<Endpoint*>(SSL_get_ex_data(connection, peer_index()));
  if (SSL_is_server(connection) == 1)
    refusals_.on_accepted(peer.host, reason, BootClock().now());
  else
    refusals_.on_dialled(peer, reason);
}

ssl_ctx_st* tls_context_of(const caf::actor_system& system) {
  const auto& tls = config_of(system).tls();
  LEAT_CHECK(tls != nullptr);
  return tls->context();
}

}  // namespace leat::actors
