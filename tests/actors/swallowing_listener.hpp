#pragma once

// A port on loopback that answers nothing, as a host behind a firewall: a listening socket whose queue of
// connections is full and never emptied.

#include <cstdint>
#include <vector>

#include "actors/network_options.hpp"

namespace leat::test {

class SwallowingListener {
 public:
  SwallowingListener();
  ~SwallowingListener();
  SwallowingListener(const SwallowingListener&) = delete;
  SwallowingListener& operator=(const SwallowingListener&) = delete;

  /// False if the system did not let itself be filled.
  [[nodiscard]] bool swallows() const { return full_; }
  [[nodiscard]] actors::Endpoint endpoint() const { return {"127.0.0.1", port_}; }

 private:
  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
  bool full_ = false;
};

}  // namespace leat::test
