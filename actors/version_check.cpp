#include "actors/version_check.hpp"

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/protocol_version.hpp"

namespace leat::actors {

using runtime::common_version;
using runtime::own_protocol;
using runtime::protocol_range;
using runtime::ProtocolRange;

proto::Hello make_hello(const std::string& role) {
  proto::Hello hello;
  hello.set_protocol_version(own_protocol().newest);
  hello.set_oldest_protocol_version(own_protocol().oldest);
  hello.set_role(role);
  return hello;
}

proto::HelloReply answer_hello(const proto::Hello& hello, const std::string& own_role,
                               Epoch epoch) {
  const ProtocolRange own = own_protocol();
  const ProtocolRange peer =
      protocol_range(hello.protocol_version(), hello.oldest_protocol_version());
  const auto common = common_version(own, peer);
  proto::HelloReply reply;
  // Who knows no ranges wants to read the version it speaks.
  const bool knows_ranges = hello.oldest_protocol_version() != 0;
  reply.set_protocol_version(common && !knows_ranges ? *common : own.newest);
  reply.set_oldest_protocol_version(own.oldest);
  reply.set_epoch(static_cast<std::uint64_t>(epoch));
  if (!common)
    *reply.mutable_error() = runtime::to_error_info(
        runtime::no_common_version({"this " + own_role, own}, {"the " + hello.role(), peer}));
  return reply;
}

Result<void> check_hello_reply(const proto::HelloReply& reply, const std::string& peer) {
  const ProtocolRange range =
      protocol_range(reply.protocol_version(), reply.oldest_protocol_version());
  if (!common_version(own_protocol(), range))
    return runtime::no_common_version({peer, range}, {"this process", own_protocol()});
  if (runtime::is_error(reply.error()))
    return runtime::to_error(reply.error()).within(peer);
  return {};
}

}  // namespace leat::actors
