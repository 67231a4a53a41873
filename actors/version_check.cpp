#include "actors/version_check.hpp"

#include <cstdint>

#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/protocol_version.hpp"

namespace leat::actors {

namespace {

constexpr const char* kAdvice = ": run the same release of Leat on both sides";

std::string version(std::uint32_t number) {
  return "protocol version " + std::to_string(number);
}

}  // namespace

proto::Hello make_hello(const std::string& role) {
  proto::Hello hello;
  hello.set_protocol_version(runtime::kProtocolVersion);
  hello.set_role(role);
  return hello;
}

proto::HelloReply answer_hello(const proto::Hello& hello, const std::string& own_role,
                               Epoch epoch) {
  proto::HelloReply reply;
  reply.set_protocol_version(runtime::kProtocolVersion);
  reply.set_epoch(static_cast<std::uint64_t>(epoch));
  if (hello.protocol_version() != runtime::kProtocolVersion)
    *reply.mutable_error() = runtime::to_error_info(Error(
        ErrorKind::kProtocol, "this " + own_role + " speaks " + version(runtime::kProtocolVersion) +
                                  ", the " + hello.role() + " " +
                                  version(hello.protocol_version()) + kAdvice));
  return reply;
}

Result<void> check_hello_reply(const proto::HelloReply& reply, const std::string& peer) {
  if (reply.protocol_version() != runtime::kProtocolVersion)
    return Error(ErrorKind::kProtocol, peer + " speaks " + version(reply.protocol_version()) +
                                           ", this leat " + version(runtime::kProtocolVersion) +
                                           kAdvice);
  if (runtime::is_error(reply.error()))
    return runtime::to_error(reply.error()).within(peer);
  return {};
}

}  // namespace leat::actors
