#include "actors/own_address.hpp"

#include <array>
#include <climits>
#include <cstddef>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace leat::actors {

namespace {

bool is_loopback(const sockaddr& address) {
  constexpr unsigned kLoopbackNetwork = 127;
  if (address.sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(in.sin_addr.s_addr) >> 24U == kLoopbackNetwork;
  }
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address);
  return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) != 0;
}

/// Empty if the host has none of this family that leads outward.
std::string first_outward(const std::string& host, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0)
    return "";
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (!is_loopback(*entry->ai_addr) && getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(),
                                                     NI_MAXHOST, nullptr, 0, NI_NUMERICHOST) == 0)
      return text.data();
  }
  return "";
}

}  // namespace

Result<std::string> outward_address(const std::string& host) {
  for (const int family : {AF_INET, AF_INET6}) {
    if (auto address = first_outward(host, family); !address.empty())
      return address;
  }
  return Error(ErrorKind::kUsage,
               "the host name '" + host + "' stands for no address that others could dial");
}

Result<std::string> own_address() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (gethostname(name.data(), name.size() - 1) != 0)
    return Error(ErrorKind::kUsage, "this machine has no host name");
  return outward_address(name.data());
}

}  // namespace leat::actors
