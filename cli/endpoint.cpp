#include "cli/endpoint.hpp"

#include "runtime/base/config_value.hpp"

namespace leat::cli {

Result<EndpointText> parse_endpoint(std::string_view text) {
  const Error malformed(ErrorKind::kUsage, "'" + std::string(text) +
                                               "' is not of the form HOST:PORT, such as "
                                               "127.0.0.1:6123");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return malformed;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return malformed;
  const auto number = parse_integer(port);
  if (host.empty() || !number || *number < 1 || *number > 65'535)
    return malformed;
  return EndpointText{std::string(host), std::string(port)};
}

}  // namespace leat::cli
