#pragma once

// What a job's output must be, computed by coreutils, and what it is, in the same form.

#include <cstdint>
#include <string>
#include <vector>

namespace leat::test {

/// Lines `word<TAB>count` in byte order: the words of all files, counted by tr, sort and uniq.
[[nodiscard]] std::string words_by_coreutils(const std::vector<std::string>& files);

/// All visible lines of the files in a directory, in byte order.
[[nodiscard]] std::string sorted_output(const std::string& directory);
/// Lines of a text in byte order.
[[nodiscard]] std::string sorted_lines(const std::string& text);

/// The largest count of each word, from the updates `word<TAB>count` that a streaming job emits.
[[nodiscard]] std::string last_counts(const std::string& rows);

/// Names of the files in a directory and below that a finished job must not leave: those that begin
/// with a dot.
[[nodiscard]] std::vector<std::string> hidden_files(const std::string& directory);

/// Lines `key<TAB>count<TAB>sum` of the numbers 0…count-1 by remainder, by awk, in byte order.
[[nodiscard]] std::string sums_by_awk(std::uint64_t count, std::uint64_t keys);

}  // namespace leat::test
