#include "runtime/checkpointing/state_restorer.hpp"

#include <utility>

#include "runtime/base/check.hpp"
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
  fetcher_.start();
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
    if (segment.depth() > kLargestSegmentDepth || !is_valid(id) || segment.chain().empty() ||
        segment.chain().rbegin()->continued())
      return Error(ErrorKind::kProtocol, "checkpoint " + checkpoint + " names a segment of " +
                                             keyed.uid + " that cannot be one");
    if (!overlaps(id, groups_))
      continue;
    segments_.push_back(std::make_unique<SegmentRestore>(id, *keyed.state));
    SegmentChain chain = chain_of(segment);
    fetcher_.add(*segments_.back(), chain.pieces);
    if (lies_within(id, groups_))
      chains_[keyed.uid][id] = std::move(chain);
  }
  return {};
}

PipelineChains StateRestorer::finish() {
  LEAT_CHECK(done());
  for (const KeyedOperator& keyed : operators_)
    keyed.state->finish_restore(restore_.checkpoint());
  return std::move(chains_);
}

}  // namespace leat::runtime
