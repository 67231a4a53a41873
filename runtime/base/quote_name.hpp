#pragma once

// Names from outside as they may stand in a message: on one line, whatever bytes they hold.

#include <string>
#include <string_view>

namespace leat {

/// 'name' with control characters, quotes and backslashes escaped; other bytes as they are.
[[nodiscard]] std::string quote_name(std::string_view name);

}  // namespace leat
