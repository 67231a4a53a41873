#include "cli/nearest.hpp"

#include <array>

#include <gtest/gtest.h>

#include "runtime/base/nearest_name.hpp"

namespace leat::cli {
namespace {

constexpr std::array<std::string_view, 3> kWords{"parallelism", "port", "slots"};

TEST(Nearest, CountsASwapOfNeighboursAsOneEdit) {
  EXPECT_EQ(edit_distance("slost", "slots"), 1U);
}

TEST(Nearest, CountsInsertionDeletionAndReplacement) {
  EXPECT_EQ(edit_distance("slot", "slots"), 1U);
  EXPECT_EQ(edit_distance("slotts", "slots"), 1U);
  EXPECT_EQ(edit_distance("slats", "slots"), 1U);
  EXPECT_EQ(edit_distance("", "slots"), 5U);
}

TEST(Nearest, PrefersAWordThatWasShortened) {
  EXPECT_EQ(nearest("para", kWords).word, "parallelism");
}

TEST(Nearest, DoesNotMindTheLetterCase) {
  EXPECT_EQ(nearest("SLOTS", kWords).distance, 0U);
}

TEST(Nearest, SuggestsForATypingMistake) {
  EXPECT_EQ(suggestion("paralelism", kWords, "--"), "; did you mean '--parallelism'?");
}

TEST(Nearest, SuggestsNothingForAnUnrelatedWord) {
  EXPECT_EQ(suggestion("verbose", kWords), "");
}

}  // namespace
}  // namespace leat::cli
