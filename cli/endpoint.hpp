#pragma once

// HOST:PORT as typed by people.

#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace leat::cli {

struct EndpointText {
  std::string host;
  std::string port;  ///< digits, 1 to 65535
};

/// "node1:6123", "127.0.0.1:6123", "[::1]:6123".
Result<EndpointText> parse_endpoint(std::string_view text);

}  // namespace leat::cli
