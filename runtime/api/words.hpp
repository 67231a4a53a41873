#pragma once

// Splits text into words.

#include <string>
#include <string_view>

#include "runtime/api/collector.hpp"

namespace leat {

/// Emits the words of `text`: the longest runs of A-Z, a-z, 0-9 and '_', with A-Z lower-cased. All
/// other bytes separate, those of non-ASCII characters too. As `LC_ALL=C tr A-Z a-z | LC_ALL=C tr -cs
/// a-z0-9_ '\n'` has it, without empty words. Allocates only for words above some thousand bytes.
void words(std::string_view text, Collector<std::string>& out);

}  // namespace leat
