// Keyed state against std::map: random writes, snapshots, aborts and slices, and restoring at other
// parallelisms. A failing seed is printed with the case.

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/state/keyed_map.hpp"
#include "tests/runtime/state/snapshot_store.hpp"

namespace leat::test {
namespace {

using runtime::groups_of_subtask;
using runtime::key_group;
using runtime::KeyedMap;
using runtime::subtask_of_group;

/// How a case's keys and values look. Of small ones a filter tells which are listed as changed, of others a stamp.
struct SmallEntries {
  using Key = std::uint64_t;
  using Value = std::uint64_t;
  static Key key(std::uint64_t n) { return n; }
  static void change(Value& value, std::mt19937_64& random) { value += random() % 1000; }
};
struct NumberEntries {
  using Key = std::uint64_t;
  using Value = std::tuple<std::uint64_t, double, std::int64_t, std::int64_t, std::int64_t,
                           std::int64_t, std::int64_t, std::int64_t>;
  static Key key(std::uint64_t n) { return n; }
  static void change(Value& value, std::mt19937_64& random) {
    std::get<0>(value) += random() % 1000;
    std::get<1>(value) /= 2;
  }
};
struct TextEntries {
  using Key = std::string;
  using Value = std::vector<std::string>;
  static Key key(std::uint64_t n) { return "key number " + std::to_string(n); }
  static void change(Value& value, std::mt19937_64& random) {
    if (value.size() > 10)
      value.clear();
    value.emplace_back(random() % 200, 'x');
  }
};

template <class Entries>
constexpr bool kStamped = runtime::kStampsCells<typename Entries::Key, typename Entries::Value>;
static_assert(!kStamped<SmallEntries> && kStamped<NumberEntries> && kStamped<TextEntries>);

/// One operator's state in all its subtasks, beside a model.
template <class Entries>
class ModelRun {
  using Key = typename Entries::Key;
  using Value = typename Entries::Value;
  using Model = std::map<Key, Value>;

 public:
  ModelRun(std::uint64_t seed, std::uint32_t max_parallelism, std::uint64_t keys)
      : random_(seed), max_parallelism_(max_parallelism), keys_(keys) {
    start(1);
  }

  void run() {
    for (const std::uint32_t parallelism : {3U, 2U, 5U, 1U}) {
      for (int action = 0; action < 40; ++action)
        act();
      if (complete_number_ == 0)
        finish_snapshot();
      rescale(parallelism);
    }
    finish_snapshot();
    expect_equal(read_back(), complete_model_);
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  void start(std::uint32_t parallelism) {
    parallelism_ = parallelism;
    subtasks_.clear();
    for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask)
      subtasks_.push_back(std::make_unique<KeyedMap<Key, Value>>(
          groups_of_subtask(subtask, parallelism, max_parallelism_)));
    done_.clear();
  }

  KeyedMap<Key, Value>& owner(const Key& key) {
    const std::uint64_t hash = KeyHasher<Key>()(Codec<Key>::view(key));
    return *subtasks_[subtask_of_group(key_group(hash, max_parallelism_), parallelism_,
                                       max_parallelism_)];
  }

  void act() {
    switch (below(12)) {
      case 0:
        return begin_snapshot();
      case 1:
        return abort_snapshot();
      case 2:
        return finish_snapshot();
      case 3:
      case 4:
        return advance(1 + below(40'000));
      case 5:
        return write(keys_, 1 + below(keys_ / 4));  // grows
      case 6:
        return erase(1 + below(keys_ / 10));
      default:
        return write(1 + below(keys_ / 10), 1 + below(200));  // few keys, often
    }
  }

  void write(std::uint64_t keys, std::uint64_t times) {
    for (std::uint64_t n = 0; n < times; ++n) {
      const Key key = Entries::key(below(keys));
      auto again = random_;
      Entries::change(owner(key).find_or_create(key), random_);
      Entries::change(model_[key], again);
    }
  }
  void erase(std::uint64_t times) {
    for (std::uint64_t n = 0; n < times; ++n) {
      const Key key = Entries::key(below(keys_));
      EXPECT_EQ(owner(key).erase(key), model_.erase(key) == 1);
    }
  }

  void begin_snapshot() {
    number_ += 1 + below(3);
    marked_model_ = model_;
    builder_ = std::make_unique<SnapshotBuilder>(complete_);
    const std::uint64_t base = below(8) == 0 ? 0 : complete_number_;
    for (const auto& state : subtasks_)
      state->begin_snapshot(number_, base, complete_);
    done_.assign(subtasks_.size(), false);
  }
  void abort_snapshot() {
    for (const auto& state : subtasks_) {
      state->abort_snapshot();
      EXPECT_EQ(state->pending_bytes(), 0U);
    }
    done_.clear();
  }
  void advance(std::size_t budget) {
    bool all = !done_.empty();
    for (std::size_t subtask = 0; subtask < done_.size(); ++subtask) {
      done_[subtask] = done_[subtask] || subtasks_[subtask]->advance_snapshot(budget, *builder_);
      all = all && done_[subtask];
    }
    if (!all)
      return;
    complete_ = builder_->take();
    complete_number_ = number_;
    complete_model_ = marked_model_;
    done_.clear();
  }
  void finish_snapshot() {
    if (done_.empty())
      begin_snapshot();
    while (!done_.empty())
      advance(100'000);
  }

  /// As after a failure: what was written since the last complete snapshot is lost.
  void rescale(std::uint32_t parallelism) {
    start(parallelism);
    for (std::uint32_t subtask = 0; subtask < parallelism; ++subtask) {
      const auto restored =
          restore(*subtasks_[subtask], complete_,
                  groups_of_subtask(subtask, parallelism, max_parallelism_), complete_number_);
      ASSERT_TRUE(restored.ok()) << restored.error().message();
    }
    model_ = complete_model_;
    std::size_t entries = 0;
    for (const auto& state : subtasks_)
      entries += state->entries();
    EXPECT_EQ(entries, model_.size());
    for (const auto& [key, value] : model_) {
      const Value* found = owner(key).find(Codec<Key>::view(key));
      ASSERT_NE(found, nullptr);
      ASSERT_EQ(*found, value);
    }
  }

  Model read_back() {
    start(1);
    const auto restored =
        restore(*subtasks_[0], complete_, groups_of_subtask(0, 1, max_parallelism_), 0);
    EXPECT_TRUE(restored.ok()) << restored.error().message();
    Model found;
    const bool blocked = false;
    subtasks_[0]->drain(blocked, [&found](In<Key> key, const Value& value) {
      found.emplace(Codec<Key>::own(key), value);
    });
    return found;
  }
  static void expect_equal(const Model& found, const Model& expected) {
    EXPECT_EQ(found.size(), expected.size());
    EXPECT_TRUE(found == expected);
  }

  std::mt19937_64 random_;
  std::uint32_t max_parallelism_;
  std::uint64_t keys_;
  std::uint32_t parallelism_ = 1;
  std::vector<std::unique_ptr<KeyedMap<Key, Value>>> subtasks_;
  Model model_;

  std::uint64_t number_ = 0;
  std::vector<bool> done_;  // of the snapshot under way, by subtask; empty without one
  std::unique_ptr<SnapshotBuilder> builder_;
  Model marked_model_;
  StoredSnapshot complete_;
  std::uint64_t complete_number_ = 0;
  Model complete_model_;
};

/// Several segments of keys.
constexpr std::uint64_t kManyKeys = 10'000;
constexpr std::uint64_t kFewKeys = 60;

template <class Entries>
void run_seeds(std::uint64_t seeds, std::uint32_t max_parallelism, std::uint64_t keys) {
  for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ModelRun<Entries>(seed, max_parallelism, keys).run();
  }
}

TEST(SnapshotModel, SmallEntriesEqualTheModelAtTheMark) {
  run_seeds<SmallEntries>(2, 128, kManyKeys * 5);
}
TEST(SnapshotModel, NumbersEqualTheModelAtTheMark) {
  run_seeds<NumberEntries>(4, 128, kManyKeys);
}
TEST(SnapshotModel, NumbersEqualTheModelWithAnOddMaximumParallelism) {
  run_seeds<NumberEntries>(4, 100, kManyKeys);
}
TEST(SnapshotModel, TextsThatGrowEqualTheModelAtTheMark) {
  run_seeds<TextEntries>(2, 128, kManyKeys);
}
TEST(SnapshotModel, TextsThatGrowEqualTheModelWithAnOddMaximumParallelism) {
  run_seeds<TextEntries>(2, 100, kManyKeys);
}
TEST(SnapshotModel, FewSmallEntriesEqualTheModelAtTheMark) {
  run_seeds<SmallEntries>(100, 128, kFewKeys);
}
TEST(SnapshotModel, FewNumbersEqualTheModelAtTheMark) {
  run_seeds<NumberEntries>(100, 128, kFewKeys);
}
TEST(SnapshotModel, FewTextsEqualTheModelAtTheMark) {
  run_seeds<TextEntries>(100, 128, kFewKeys);
}

}  // namespace
}  // namespace leat::test
