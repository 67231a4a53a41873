#include "actors/dialler.hpp"

#include <chrono>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <caf/io/middleman_actor.hpp>
#include <caf/sec.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/actor_config.hpp"
#include "actors/error_text.hpp"
#include "actors/node.hpp"
#include "actors/probe.hpp"
#include "actors/tls_identity.hpp"

namespace leat::actors {

namespace {

constexpr std::chrono::seconds kConnectTimeout{5};
/// CAF takes a connection that is just being made for a silent one if a keep-alive falls due.
constexpr int kTries = 3;
constexpr std::chrono::milliseconds kLookInterval{2};

/// Why a connection to what answered the probe did not come about.
std::string dial_error_text(const caf::error& error, bool tls) {
  const std::string stranger = tls ? "it may be no Leat process, or use no TLS"
                                   : "it may be no Leat process, or expect TLS (security.ssl.*)";
  if (error == caf::sec::connection_timeout)
    return "it accepts connections and says nothing: " + stranger;
  if (error != caf::sec::disconnect_during_handshake)
    return error_text(error);
  return tls ? "it closed the connection at once: it may not accept this side's certificate (of "
               "another authority, or expired), be no Leat process, or use no TLS"
             : "it closed the connection at once: " + stranger;
}

class DiallerState {
 public:
  using Promise = caf::typed_response_promise<caf::strong_actor_ptr>;

  explicit DiallerState(dialler_actor::base* self)
      : self_(self),
        middleman_(middleman_of(self->system())),
        tls_(config_of(self->system()).tls().get()) {}

  Promise dial(const std::string& host, std::uint16_t port) {
    auto promise = self_->make_response_promise<caf::strong_actor_ptr>();
    probe({host, port}, promise, kTries);
    return promise;
  }

  void look() {
    for (auto dial = dials_.begin(); dial != dials_.end();) {
      if (const auto outcome = dial->probe.outcome()) {
        settle(*outcome, *dial);
        dial = dials_.erase(dial);
      } else {
        ++dial;
      }
    }
    if (!dials_.empty())
      self_->delayed_send(self_, kLookInterval, tick_atom::value);
  }

  static inline constexpr const char* name = "dialler";

 private:
  struct Dial {
    Probe probe;
    Endpoint endpoint;
    Promise promise;
    int tries_left;
  };

  void probe(const Endpoint& endpoint, const Promise& promise, int tries_left) {
    if (dials_.empty())
      self_->delayed_send(self_, kLookInterval, tick_atom::value);
    dials_.push_back({Probe(endpoint), endpoint, promise, tries_left});
  }

  void settle(const Result<Endpoint>& answered, Dial& dial) {
    if (answered)
      connect(*answered, dial);
    else
      dial.promise.deliver(make_caf_error(answered.error()));
  }

  void connect(const Endpoint& answered, const Dial& dial) {
    self_
        ->request(middleman_, kConnectTimeout, caf::connect_atom::value, answered.host,
                  answered.port)
        .then(
            [this, answered, promise = dial.promise](const caf::node_id&,
                                                     const caf::strong_actor_ptr& published,
                                                     const std::set<std::string>&) mutable {
              if (tls_ != nullptr)
                tls_->refusals().on_reached(answered);
              promise.deliver(published);
            },
            [this, answered, endpoint = dial.endpoint, promise = dial.promise,
             tries_left = dial.tries_left](const caf::error& error) mutable {
              if (error == caf::sec::connection_timeout && tries_left > 1)
                probe(endpoint, promise, tries_left - 1);
              else
                promise.deliver(make_caf_error(failure(answered, error)));
            });
  }

  [[nodiscard]] Error failure(const Endpoint& endpoint, const caf::error& error) const {
    const auto known = tls_ != nullptr ? tls_->refusals().why(endpoint) : std::nullopt;
    return Error(ErrorKind::kUnreachable, known.value_or(dial_error_text(error, tls_ != nullptr)));
  }

  dialler_actor::base* self_;
  caf::io::middleman_actor middleman_;
  TlsIdentity* tls_;  ///< null without TLS
  std::list<Dial> dials_;
};

dialler_actor::behavior_type dialler(dialler_actor::stateful_pointer<DiallerState> self) {
  auto& state = self->state;
  return {[&state](caf::connect_atom, const std::string& host, std::uint16_t port) {
            return state.dial(host, port);
          },
          [&state](tick_atom) { state.look(); }};
}

}  // namespace

dialler_actor spawn_dialler(caf::actor_system& system) {
  return system.has_middleman() ? system.spawn(dialler) : dialler_actor{};
}

}  // namespace leat::actors
