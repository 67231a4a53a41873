#include "cli/plan_text.hpp"

#include <gmock/gmock.h>

namespace leat::cli {
namespace {

using ::testing::HasSubstr;

proto::Plan two_stages() {
  proto::Plan plan;
  plan.set_mode(proto::MODE_BATCH);
  plan.set_max_parallelism(128);
  proto::Stage& first = *plan.add_stages();
  first.set_name("text files -> \"split\"");
  proto::OperatorInfo& source = *first.add_operators();
  source.set_uid("source-1");
  source.set_name("text files");
  proto::Stage& second = *plan.add_stages();
  second.set_id(1);
  second.set_name("count");
  proto::Edge& edge = *plan.add_edges();
  edge.set_to_stage(1);
  edge.set_partitioning(proto::PARTITIONING_HASH);
  proto::SinkSpec& sink = *plan.add_sinks();
  sink.set_uid("sink-2");
  sink.set_stage(1);
  sink.set_path("/out");
  return plan;
}

TEST(PlanText, ShowsStagesOperatorsEdgesAndOutput) {
  EXPECT_EQ(plan_table(two_stages(), 4),
            "Mode batch, parallelism 4, maximum parallelism 128\n"
            "\n"
            "Stage 0: text files -> \"split\"\n"
            "    text files (uid source-1)\n"
            "    -> stage 1 (HASH)\n"
            "\n"
            "Stage 1: count\n"
            "    sink-2 writes to /out\n");
}

TEST(PlanText, GivesJsonInFlinksShape) {
  const std::string json = plan_json(two_stages(), 4);
  EXPECT_THAT(json, HasSubstr("\"type\": \"BATCH\""));
  EXPECT_THAT(json, HasSubstr("\"description\": \"text files -> \\\"split\\\"\""));
  EXPECT_THAT(json, HasSubstr("\"inputs\": [{\"num\": 0, \"id\": \"0\", \"ship_strategy\": "
                              "\"HASH\", \"exchange\": \"pipelined_bounded\"}]"));
}

}  // namespace
}  // namespace leat::cli
