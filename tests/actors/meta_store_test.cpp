#include "actors/meta_store.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/faulty_env.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::actors {
namespace {

class MetaStoreTest : public ::testing::Test {
 protected:
  Result<MetaStore::Opened> open(leveldb::Env* env = nullptr) {
    return MetaStore::open(dir_.file("meta"), Durability::kSynced, env);
  }

  test::TempDir dir_;
};

TEST_F(MetaStoreTest, TheEpochGrowsWithEachStart) {
  for (std::uint64_t expected = 1; expected <= 3; ++expected) {
    const auto opened = open();
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    EXPECT_EQ(Epoch{expected}, opened->epoch);
  }
}

TEST_F(MetaStoreTest, KeepsWhatWasWrittenAndDropsWhatWasDeleted) {
  {
    auto opened = open();
    ASSERT_TRUE(opened.ok());
    EXPECT_TRUE(opened->entries.empty());
    EXPECT_TRUE(opened->store->write({{"job/b", "2"}, {"job/a", "1"}, {"job/c", "3"}}).ok());
    EXPECT_TRUE(opened->store->write({{"job/c", ""}, {"job/b", "two"}}).ok());
  }
  const auto again = open();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((MetaStore::Entries{{"job/a", "1"}, {"job/b", "two"}}), again->entries);
}

TEST_F(MetaStoreTest, RefusesASecondJobManagerInWords) {
  const auto first = open();
  ASSERT_TRUE(first.ok());
  const auto second = open();
  ASSERT_FALSE(second.ok());
  EXPECT_NE(std::string::npos, second.error().message().find("is in use by another JobManager"))
      << second.error().message();
}

TEST_F(MetaStoreTest, SaysSoWhenItIsDamaged) {
  ASSERT_TRUE(open().ok());
  std::ofstream(dir_.file("meta/CURRENT")) << "nonsense\n";
  const auto damaged = open();
  ASSERT_FALSE(damaged.ok());
  EXPECT_NE(std::string::npos, damaged.error().message().find(dir_.file("meta")));
}

TEST_F(MetaStoreTest, WritesAgainOnceItsVolumeHasRoom) {
  test::FaultyEnv env;
  {
    auto opened = open(&env);
    ASSERT_TRUE(opened.ok());
    ASSERT_TRUE(opened->store->write({{"job/a", "1"}}).ok());
    env.set_capacity(0);
    for (int i = 0; i < 3; ++i) {
      const auto refused = opened->store->write({{"job/b", "2"}});
      ASSERT_FALSE(refused.ok());
      EXPECT_NE(refused.error().message().find("have room"), std::string::npos)
          << refused.error().message();
    }
    env.set_capacity(1 << 20);
    EXPECT_TRUE(opened->store->write({{"job/c", "3"}}).ok());
    EXPECT_TRUE(opened->store->write({{"job/d", "4"}}).ok());
  }
  const auto again = open(&env);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ((MetaStore::Entries{{"job/a", "1"}, {"job/c", "3"}, {"job/d", "4"}}), again->entries);
}

TEST_F(MetaStoreTest, WritesNothingMoreWhenAnotherJobManagerHasTakenItsPlace) {
  test::FaultyEnv env;
  auto first = open(&env);
  ASSERT_TRUE(first.ok());
  env.set_capacity(0);
  EXPECT_FALSE(first->store->write({{"job/a", "1"}}).ok());
  EXPECT_FALSE(first->store->write({{"job/a", "1"}}).ok()) << "it could not even be opened";
  env.set_capacity(1 << 20);
  const auto epoch = open(&env)->epoch;
  EXPECT_LT(first->epoch, epoch);
  const auto refused = first->store->write({{"job/a", "1"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("another JobManager"), std::string::npos)
      << refused.error().message();
  EXPECT_TRUE(open(&env)->entries.empty());
}

TEST_F(MetaStoreTest, TakesADirectoryWithLockInItsNameForNoOtherJobManager) {
  std::ofstream(dir_.file("block")) << "a file";
  const auto opened = MetaStore::open(dir_.file("block"), Durability::kSynced);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().message().find("another JobManager"), std::string::npos)
      << opened.error().message();
}

}  // namespace
}  // namespace leat::actors
