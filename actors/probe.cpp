#include "actors/probe.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <netdb.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "actors/boot_clock.hpp"

namespace leat::actors {

namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Error unreachable(const std::string& reason) {
  return Error(ErrorKind::kUnreachable, reason);
}

/// Of a busy machine; more, and the thread is still with the name.
constexpr std::chrono::seconds kThreadDelay{1};

Error silent() {
  return unreachable(
      "no answer: the host is down, or something on the way drops what is sent to it");
}

Result<Addresses> resolve(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure =
      getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
  if (failure != 0)
    return unreachable(failure == EAI_NONAME ? "there is no such host" : gai_strerror(failure));
  return Addresses(found, &freeaddrinfo);
}

Result<void> await_connected(int socket, Time until) {
  pollfd waiting{socket, POLLOUT, 0};
  for (;;) {
    const Duration left = std::max(until - BootClock().now(), Duration::zero());
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    const int ready = poll(&waiting, 1, static_cast<int>(milliseconds));
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0)
      return silent();
    int failure = 0;
    socklen_t length = sizeof(failure);
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &length);
    if (failure != 0)
      return unreachable(failure == ECONNREFUSED ? "the connection was refused"
                                                 : std::strerror(failure));
    return {};
  }
}

Result<void> try_connect(const addrinfo& address, Time until) {
  const int socket =
      ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol);
  if (socket < 0)
    return unreachable(std::strerror(errno));
  connect(socket, address.ai_addr,
          address.ai_addrlen);  // its outcome is asked for when it is known
  auto outcome = await_connected(socket, until);
  close(socket);
  return outcome;
}

std::string numeric_host(const addrinfo& address) {
  char host[NI_MAXHOST] = "";
  getnameinfo(address.ai_addr, address.ai_addrlen, host, sizeof(host), nullptr, 0, NI_NUMERICHOST);
  return host;
}

Result<Endpoint> probe(const Endpoint& endpoint, Time until) {
  const auto addresses = resolve(endpoint);
  if (!addresses)
    return addresses.error();
  std::vector<const addrinfo*> all;
  for (const addrinfo* address = addresses->get(); address != nullptr; address = address->ai_next)
    all.push_back(address);
  Error last = silent();
  for (std::size_t i = 0; i < all.size(); ++i) {
    // A share of what is left for each, so that one that is silent does not hide the next.
    const Time now = BootClock().now();
    const auto share = (until - now) / static_cast<std::int64_t>(all.size() - i);
    const auto outcome = try_connect(*all[i], now + share);
    if (outcome)
      return Endpoint{numeric_host(*all[i]), endpoint.port};
    last = outcome.error();
  }
  return last;
}

}  // namespace

/// Shared with the thread, which may outlive the probe.
class Probe::State {
 public:
  void set(Result<Endpoint> outcome) {
    const std::lock_guard lock(mutex_);
    outcome_.emplace(std::move(outcome));
  }
  std::optional<Result<Endpoint>> get() const {
    const std::lock_guard lock(mutex_);
    return outcome_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Result<Endpoint>> outcome_;
};

Probe::Probe(const Endpoint& endpoint, Duration timeout)
    : state_(std::make_shared<State>()), give_up_at_(BootClock().now() + timeout) {
  std::thread([state = state_, endpoint, until = give_up_at_] {
    state->set(probe(endpoint, until));
  }).detach();
}

std::optional<Result<Endpoint>> Probe::outcome() const {
  auto known = state_->get();
  if (!known && BootClock().now() > give_up_at_ + kThreadDelay)
    return unreachable("its name is still being looked up: no name server answers");
  return known;
}

}  // namespace leat::actors
