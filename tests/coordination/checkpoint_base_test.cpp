// What subtasks say has changed since the newest complete checkpoint, and what the JobManager makes of it.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "runtime/checkpointing/packed_pieces.hpp"
#include "runtime/checkpointing/pending_checkpoint.hpp"
#include "tests/coordination/checkpoint_probe.hpp"

namespace leat::runtime {
namespace {

using test::CheckpointProbe;
using testing::ElementsAre;
using testing::IsEmpty;

proto::SegmentSnapshot segment_of(std::uint64_t prefix, bool on_base, std::vector<ChunkId> chunks) {
  proto::SegmentSnapshot segment;
  segment.set_depth(1);
  segment.set_prefix(prefix);
  segment.set_on_base(on_base);
  for (const ChunkId chunk : chunks)
    append_packed(*segment.mutable_chain(), {.chunk = chunk, .length = 1});
  return segment;
}

class PendingOnABase : public ::testing::Test {
 protected:
  static proto::StoredCheckpoint manifest(std::uint64_t id) {
    proto::StoredCheckpoint manifest;
    manifest.mutable_info()->set_id(id);
    return manifest;
  }
  static std::shared_ptr<const proto::StoredCheckpoint> base() {
    auto base = std::make_shared<proto::StoredCheckpoint>(manifest(1));
    auto& keyed = *base->add_keyed();
    keyed.set_uid("count");
    *keyed.add_segments() = segment_of(0, false, {{1, 1}});
    *keyed.add_segments() = segment_of(1, false, {{1, 1}, {1, 2}});
    return base;
  }
  static proto::SubtaskEvent::CheckpointAck ack(
      const std::string& uid, const std::vector<proto::SegmentSnapshot>& segments) {
    proto::SubtaskEvent::CheckpointAck ack;
    ack.set_checkpoint(2);
    auto& keyed = *ack.mutable_snapshot()->add_keyed();
    keyed.set_uid(uid);
    for (const auto& segment : segments)
      *keyed.add_segments() = segment;
    return ack;
  }

  PendingCheckpoint pending_{manifest(2), base(), 1, Time()};
};

TEST_F(PendingOnABase, AddsToItWhatHasChangedAndLeavesOutWhatIsNotNamed) {
  EXPECT_EQ(pending_.acknowledge(0, ack("count", {segment_of(1, true, {{1, 3}})})),
            AckOutcome::kCompleted);
  const auto& segments = pending_.manifest().keyed(0).segments();
  ASSERT_EQ(segments.size(), 1);
  EXPECT_EQ(segments[0].SerializeAsString(),
            segment_of(1, false, {{1, 1}, {1, 2}, {1, 3}}).SerializeAsString());
}

TEST_F(PendingOnABase, TakesWhatIsUnchangedAndWhatIsWhole) {
  pending_.acknowledge(0, ack("count", {segment_of(0, true, {}), segment_of(1, false, {{1, 9}})}));
  const auto& segments = pending_.manifest().keyed(0).segments();
  ASSERT_EQ(segments.size(), 2);
  EXPECT_EQ(segments[0].SerializeAsString(), segment_of(0, false, {{1, 1}}).SerializeAsString());
  EXPECT_EQ(segments[1].SerializeAsString(), segment_of(1, false, {{1, 9}}).SerializeAsString());
}

TEST_F(PendingOnABase, TakesNothingFromWhoeverTakesAnotherOneForTheBase) {
  EXPECT_EQ(pending_.acknowledge(0, ack("sum", {segment_of(1, true, {})})), AckOutcome::kBaseless);
  EXPECT_EQ(
      pending_.acknowledge(0, ack("count", {segment_of(0, true, {}), segment_of(2, true, {})})),
      AckOutcome::kBaseless);
  EXPECT_EQ(pending_.acknowledge(0, ack("count", {segment_of(0, false, {{1, 9}})})),
            AckOutcome::kCompleted);
  EXPECT_EQ(pending_.manifest().keyed(0).segments_size(), 1);
}

TEST(CheckpointBase, AChunkLivesWhileANewerManifestRefersToIt) {
  CheckpointProbe jm(
      CheckpointProbe::checkpointed_job(1, {{"execution.checkpointing.num-retained", "1"}}));
  jm.run();
  auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const ChunkId base = jm.store().front();
  jm.ack_all(id, CheckpointProbe::with_segment(base));
  jm.persist_all();
  jm.complete(CheckpointProbe::with_segment_on_base());
  EXPECT_THAT(jm.manifests(), ElementsAre("0000000000000002"));
  EXPECT_THAT(jm.released_chunks(), IsEmpty());
  jm.complete();
  EXPECT_THAT(jm.released_chunks(), ElementsAre(base));
}

TEST(CheckpointBase, WhoSaysWhatChangedSinceAnotherOneFailsTheCheckpoint) {
  CheckpointProbe jm(CheckpointProbe::checkpointed_job(1));
  jm.run();
  jm.complete();
  const auto id = jm.trigger();
  jm.ack_all(id, CheckpointProbe::with_segment_on_base());
  jm.persist_all();
  EXPECT_THAT(jm.manifests(), ElementsAre("0000000000000001"));
}

TEST(CheckpointBase, WhoRefersToAChunkOfAnotherCheckpointFailsIt) {
  CheckpointProbe jm(CheckpointProbe::checkpointed_job(1));
  jm.run();
  auto id = jm.trigger();
  jm.chunk(jm.deployments()[0], id, 0);
  const ChunkId chunk = jm.store().front();
  jm.ack_all(id, CheckpointProbe::with_segment(chunk));
  jm.persist_all();
  id = jm.trigger();
  jm.ack_all(id, CheckpointProbe::with_segment(chunk));
  jm.persist_all();
  EXPECT_THAT(jm.manifests(), ElementsAre("0000000000000001"));
}

}  // namespace
}  // namespace leat::runtime
