#include "cli/nearest.hpp"

#include <algorithm>

#include "runtime/base/nearest_name.hpp"

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
