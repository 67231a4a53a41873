#include "runtime/checkpointing/state_restorer.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/mutation.hpp"
#include "runtime/checkpointing/packed_pieces.hpp"
#include "runtime/checkpointing/pieces.hpp"
#include "runtime/state/keyed_state.hpp"

namespace leat::runtime {

/// Hands a segment's image and deltas to its state.
class StateRestorer::SegmentRestore final : public PieceConsumer {
 public:
  SegmentRestore(SegmentId id, KeyedState& state) : id_(id), state_(state) {}

  Result<void> piece(const StoredPiece& piece, std::string_view bytes) override {
    if (!piece.continued && begun_.empty())
      return hand_on(bytes);
    begun_.append(bytes);
    if (piece.continued)
      return {};
    return hand_on(std::exchange(begun_, {}));
  }

 private:
  Result<void> hand_on(std::string_view bytes) {
    const auto content =
        std::exchange(first_, false) ? SegmentContent::kWhole : SegmentContent::kDelta;
    return state_.restore(id_, content, bytes);
  }

  SegmentId id_;
  KeyedState& state_;
  std::string begun_;  // pieces of an image or delta that is not complete
  bool first_ = true;
};

/// Collects what was in flight on one channel.
class StateRestorer::ChannelRestore final : public PieceConsumer {
 public:
  ChannelRestore(StageTask& stage, std::uint16_t edge) : stage_(stage), edge_(edge) {}

  [[nodiscard]] std::vector<StoredPiece> add(const proto::ChannelSnapshot& channel) {
    std::vector<StoredPiece> pieces;
    for (const proto::ChannelBuffer& buffer : channel.buffers()) {
      expected_.push_back(&buffer);
      pieces.push_back(from_proto(buffer.piece()));
    }
    return pieces;
  }

  Result<void> piece(const StoredPiece& /*piece*/, std::string_view bytes) override {
    const proto::ChannelBuffer& expected = *expected_[buffers_.size()];
    Buffer buffer;
    buffer.kind = static_cast<BufferKind>(expected.kind());
    buffer.records = expected.records();
    buffer.bytes = ByteBlock(bytes);
    buffers_.push_back(std::make_shared<const Buffer>(std::move(buffer)));
    return {};
  }

  Result<void> replay() { return stage_.replay(edge_, std::exchange(buffers_, {})); }

 private:
  StageTask& stage_;
  std::uint16_t edge_;
  std::vector<const proto::ChannelBuffer*> expected_;
  std::vector<BufferPtr> buffers_;
};

StateRestorer::StateRestorer(proto::RestoreSubtask restore, const KeyGroupRange& groups,
                             SlotOutbox& outbox)
    : restore_(std::move(restore)), groups_(groups), fetcher_(outbox) {}

StateRestorer::~StateRestorer() = default;

Result<void> StateRestorer::begin(const Stages& stages) {
  for (const auto& stage : stages)
    for (const KeyedOperator& keyed : stage->keyed()) {
      operators_.push_back(keyed);
      chains_[keyed.uid];
      for (const proto::KeyedStateSnapshot& snapshot : restore_.keyed())
        if (snapshot.uid() == keyed.uid)
          if (auto begun = begin_operator(keyed, snapshot); !begun)
            return begun;
    }
  if (auto begun = begin_channels(stages); !begun)
    return begun;
  fetcher_.start();
  return {};
}

/// A channel's records in their order: what the receiver had of it, then what had not been sent.
Result<void> StateRestorer::begin_channels(const Stages& stages) {
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  std::map<Key, std::vector<StoredPiece>> pieces;
  std::map<Key, ChannelRestore*> restores;
  for (const bool at_sender : {false, true})
    for (const proto::ChannelSnapshot& channel : restore_.channels()) {
      if (channel.at_sender() != at_sender)
        continue;
      const auto edge = static_cast<std::uint16_t>(channel.edge());
      const auto stage = std::find_if(stages.begin(), stages.end(), [edge](const auto& one) {
        return one->output(edge) != nullptr;
      });
      const bool records = std::all_of(
          channel.buffers().begin(), channel.buffers().end(), [](const proto::ChannelBuffer& one) {
            return one.kind() <= static_cast<std::uint32_t>(BufferKind::kLastFragment);
          });
      if (stage == stages.end() || edge != channel.edge() || !records)
        return Error(ErrorKind::kProtocol, "checkpoint " + std::to_string(restore_.checkpoint()) +
                                               " holds records for edge " +
                                               std::to_string(channel.edge()) +
                                               " that this job cannot send");
      const Key key{channel.edge(), channel.from(), channel.to()};
      ChannelRestore*& restore = restores[key];
      if (restore == nullptr)
        restore = channels_.emplace_back(std::make_unique<ChannelRestore>(**stage, edge)).get();
      const auto added = restore->add(channel);
      pieces[key].insert(pieces[key].end(), added.begin(), added.end());
    }
  for (auto& [key, restore] : restores)
    fetcher_.add(*restore, std::move(pieces[key]));
  return {};
}

Result<void> StateRestorer::begin_operator(const KeyedOperator& keyed,
                                           const proto::KeyedStateSnapshot& snapshot) {
  const std::string checkpoint = std::to_string(restore_.checkpoint());
  if (const std::string type = keyed.state->type_fingerprint(); snapshot.type() != type)
    return Error(ErrorKind::kInput, "the state of operator '" + keyed.name + "' (uid " + keyed.uid +
                                        ") in checkpoint " + checkpoint + " is of type " +
                                        snapshot.type() + ", the job's is of type " + type +
                                        "; give the operator another uid to start without it");
  for (const proto::SegmentSnapshot& segment : snapshot.segments()) {
    const SegmentId id{static_cast<std::uint8_t>(segment.depth()), segment.prefix()};
    const std::string& packed = segment.chain();
    if (segment.depth() > kLargestSegmentDepth || !is_valid(id) || !is_packed(packed) ||
        packed_piece(packed, packed_count(packed) - 1).continued)
      return Error(ErrorKind::kProtocol, "checkpoint " + checkpoint + " names a segment of " +
                                             keyed.uid + " that cannot be one");
    if (!overlaps(id, groups_))
      continue;
    segments_.push_back(std::make_unique<SegmentRestore>(id, *keyed.state));
    std::vector<StoredPiece> pieces;
    for_each_piece(segment, [&pieces](const StoredPiece& piece) { pieces.push_back(piece); });
    fetcher_.add(*segments_.back(), std::move(pieces));
    if (lies_within(id, groups_))
      chains_[keyed.uid][id] = chain_of(segment);
  }
  return {};
}

Result<PipelineChains> StateRestorer::finish() {
  LEAT_CHECK(done());
  for (const KeyedOperator& keyed : operators_)
    keyed.state->finish_restore(restore_.checkpoint());
  for (const auto& channel : channels_)
    if (LEAT_MUTATION(overtaken_records_dropped))
      break;
    else if (auto replayed = channel->replay(); !replayed)
      return replayed.error();
  return std::move(chains_);
}

}  // namespace leat::runtime
