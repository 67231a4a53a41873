#include "runtime/coordination/protocol_version.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace leat::runtime {

namespace {

ProtocolRange own;

std::string text(ProtocolRange range) {
  if (range.oldest == range.newest)
    return "protocol version " + std::to_string(range.newest);
  return "protocol versions " + std::to_string(range.oldest) + " to " +
         std::to_string(range.newest);
}

}  // namespace

ProtocolRange own_protocol() {
  return own;
}

ProtocolRange protocol_range(std::uint32_t newest, std::uint32_t oldest) {
  return {oldest == 0 ? newest : std::min(oldest, newest), newest};
}

std::optional<std::uint32_t> common_version(ProtocolRange one, ProtocolRange other) {
  const std::uint32_t version = std::min(one.newest, other.newest);
  if (version < std::max(one.oldest, other.oldest))
    return std::nullopt;
  return version;
}

Error no_common_version(const ProtocolSide& one, const ProtocolSide& other) {
  const ProtocolSide& older = one.range.newest < other.range.newest ? one : other;
  return {ErrorKind::kProtocol, one.name + " speaks " + text(one.range) + ", " + other.name + " " +
                                    text(other.range) + ", and they need one in common: update " +
                                    older.name + ", one protocol version at a time"};
}

Result<void> pretend_protocol_version(std::string_view setting) {
  std::uint32_t version = 0;
  const char* const end = setting.data() + setting.size();
  const auto [rest, failure] = std::from_chars(setting.data(), end, version);
  if (failure != std::errc() || rest != end || version == 0)
    return Error(ErrorKind::kUsage, std::string(kProtocolVariable) + "='" + std::string(setting) +
                                        "': give a protocol version from 1, as in '2'");
  own = {std::max(version - 1, std::uint32_t{1}), version};
  return {};
}

}  // namespace leat::runtime
