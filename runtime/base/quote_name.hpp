#pragma once

// Names from outside as they may stand in a message: on one line of valid UTF-8.

#include <string>
#include <string_view>

namespace leat {

/// 'name' with control characters, quotes, backslashes and bytes that are no UTF-8 escaped.
[[nodiscard]] std::string quote_name(std::string_view name);

}  // namespace leat
