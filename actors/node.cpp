#include "actors/node.hpp"

#include <arpa/inet.h>
#include <string>

#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>

namespace leat::actors {

namespace {

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "::1")
    return true;
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
}

}  // namespace

caf::io::middleman_actor middleman_of(caf::actor_system& system) {
  if (system.has_openssl_manager())
    return system.openssl_manager().actor_handle();
  return system.has_middleman() ? system.middleman().actor_handle() : caf::io::middleman_actor{};
}

Result<void> check_listen_address(const Endpoint& listen, bool accepted) {
  if (accepted || is_loopback(listen.host))
    return {};
  return Error(ErrorKind::kUsage,
               "refusing to listen on " + listen.text() +
                   ": connections are not encrypted, and whoever reaches the port can end the "
                   "process or run code in it. Listen on a loopback address, set up TLS, or "
                   "say --insecure if the network is private");
}

Error listen_error(const Endpoint& listen, const std::string& who) {
  return Error(ErrorKind::kInput, who + " cannot listen on " + listen.text() +
                                      ": the port is in use, or the address is none of this "
                                      "machine's. Choose another one (port 0 takes any free port)");
}

}  // namespace leat::actors
