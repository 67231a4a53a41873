#pragma once

// SHA-256 by OpenSSL: names job objects and plans.

#include <string>
#include <string_view>

namespace leat {

/// 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace leat
