#include "cli/checkpoint_text.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace leat::cli {
namespace {

using ::testing::HasSubstr;

proto::CheckpointList two_checkpoints() {
  proto::CheckpointList list;
  auto& failed = *list.add_checkpoints();
  failed.set_id(8);
  failed.set_kind(proto::CHECKPOINT_SAVEPOINT);
  failed.set_status(proto::CHECKPOINT_FAILED);
  failed.set_failure("subtask 1: the disk is \"full\"");
  failed.set_acknowledged(1);
  failed.set_subtasks(2);
  failed.set_duration_ms(65'000);
  auto& complete = *list.add_checkpoints();
  complete.set_id(7);
  complete.set_status(proto::CHECKPOINT_COMPLETED);
  complete.set_state_bytes(100ULL << 20U);
  complete.set_sent_bytes(1536);
  complete.set_duration_ms(120);
  complete.set_alignment_ms(5);
  complete.set_unaligned(true);
  complete.set_acknowledged(2);
  complete.set_subtasks(2);
  complete.set_retained(true);
  list.set_restored(7);
  return list;
}

TEST(CheckpointText, ListsALinePerCheckpointInColumns) {
  const std::string table = checkpoint_table(two_checkpoints());
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 3);
  EXPECT_THAT(table,
              HasSubstr("ID  KIND       STATUS     STATE    SENT      DURATION   ALIGNMENT"));
  EXPECT_THAT(table, HasSubstr("8   SAVEPOINT  FAILED     0 B      0 B       1 min 5 s  0 ms"));
  EXPECT_THAT(table, HasSubstr("1 of 2"));
  EXPECT_THAT(table, HasSubstr("subtask 1: the disk is \"full\"\n"));
  EXPECT_THAT(table,
              HasSubstr("7   PERIODIC   COMPLETED  100 MiB  1.50 KiB  120 ms     5 ms, unaligned"));
  EXPECT_THAT(table, HasSubstr("retained, restored from\n"));
}

TEST(CheckpointText, GivesProgramsAllFiguresInOneUnit) {
  const std::string json = checkpoints_json(two_checkpoints());
  EXPECT_THAT(json, HasSubstr("{\"restored\": 7, \"checkpoints\": [\n  {\"id\": 8, "));
  EXPECT_THAT(json, HasSubstr("\"state_bytes\": 104857600, \"sent_bytes\": 1536"));
  EXPECT_THAT(json, HasSubstr("\"failure\": \"subtask 1: the disk is \\\"full\\\"\""));
  EXPECT_EQ(checkpoints_json({}), "{\"restored\": 0, \"checkpoints\": []}\n");
}

}  // namespace
}  // namespace leat::cli
