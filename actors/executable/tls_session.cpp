// Mends CAF's TLS connections; see actors/tls_identity.hpp and docs/connections.md.
//
// CAF's library has functions of these names. Defined in an executable they take precedence, as in
// node_identity.cpp. Were this file left out of an executable, CAF would look for files that do not exist
// (actors/actor_config.cpp) and connect to nobody.

#include <unistd.h>

#include <caf/openssl/session.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "actors/tls_identity.hpp"

namespace caf::openssl {

// CAF's own reads certificate, key and authority from files, for each connection.
SSL_CTX* session::create_ssl_context() {
  return leat::actors::tls_context_of(sys_);
}

// CAF leaves a refused peer's error where OpenSSL looks for errors of the connection that is read or
// written next, and so closed that one too.
rw_state session::read_some(std::size_t& result, native_socket, void* buffer, std::size_t length) {
  ERR_clear_error();
  return do_some(SSL_read, result, buffer, length, "read_some");
}

rw_state session::write_some(std::size_t& result, native_socket, const void* buffer,
                             std::size_t length) {
  ERR_clear_error();
  const auto write = [](SSL* connection, void* from, int bytes) {
    return SSL_write(connection, from, bytes);
  };
  return do_some(write, result, const_cast<void*>(buffer), length, "write_some");
}

// CAF forgets to close the socket of a connection of its own that fails at once.
session_ptr make_session(actor_system& system, native_socket socket, bool from_accepted_socket) {
  session_ptr made(new session(system));
  if (made->init() && (from_accepted_socket ? made->try_accept(socket) : made->try_connect(socket)))
    return made;
  if (!from_accepted_socket)
    ::close(socket);
  return nullptr;
}

}  // namespace caf::openssl
