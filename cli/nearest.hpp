#pragma once

// Which known word was probably meant: for unknown options, commands and configuration keys.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace leat::cli {

struct Nearest {
  std::string_view word;     ///< empty if there were no candidates
  std::size_t distance = 0;  ///< edits (insert, delete, replace, swap of neighbours)
};

/// Letter case does not count. A candidate that starts with `word` is preferred, as people shorten.
[[nodiscard]] Nearest nearest(std::string_view word, std::span<const std::string_view> candidates);

/// True if the edits are few enough, for words of this length, to suggest `found`.
[[nodiscard]] bool worth_suggesting(std::string_view word, const Nearest& found);

/// "; did you mean 'x'?" or nothing. `prefix` is put before the word: "--".
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> candidates,
                                     std::string_view prefix = "");

}  // namespace leat::cli
