#pragma once

// "Did you mean …?": the known name most like an unknown one.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Insertions, deletions, replacements and swaps of neighbours between two names. Letter case counts.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate with the smallest edit distance, if that is at most a third of the longer name.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name,
                                                      const std::vector<std::string>& candidates);

}  // namespace leat
