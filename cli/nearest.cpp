#include "cli/nearest.hpp"

#include <algorithm>
#include <vector>

namespace leat::cli {

namespace {

/// Words with more edits than this are no typing mistakes, however long they are.
constexpr std::size_t kMostEdits = 6;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
  std::string result;
  for (const char c : text)
    result += lower(c);
  return result;
}

}  // namespace

/// Optimal string alignment: each row needs the two before it.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped)
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

Nearest nearest(std::string_view word, std::span<const std::string_view> candidates) {
  Nearest best;
  const std::string meant = lower(word);
  for (const std::string_view candidate : candidates) {
    const std::string known = lower(candidate);
    const bool shortened =
        meant.size() >= 2 && known.size() > meant.size() && known.starts_with(meant);
    const std::size_t distance = shortened ? 1 : edit_distance(meant, known);
    if (best.word.empty() || distance < best.distance)
      best = {candidate, distance};
  }
  return best;
}

bool worth_suggesting(std::string_view word, const Nearest& found) {
  const std::size_t length = std::min(word.size(), found.word.size());
  return length > 0 && found.distance <= std::min(kMostEdits, 1 + length / 3);
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates,
                       std::string_view prefix) {
  const Nearest found = nearest(word, candidates);
  if (!worth_suggesting(word, found))
    return "";
  return "; did you mean '" + std::string(prefix) + std::string(found.word) + "'?";
}

}  // namespace leat::cli
