#pragma once

// What the JobManager does with the snapshots of one operator, in memory: keeps the chains of segments
// and gives them to whoever restores.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/state/keyed_state.hpp"

namespace leat::test {

using runtime::ChainSize;
using runtime::KeyedState;
using runtime::SegmentContent;
using runtime::SegmentId;

/// A complete snapshot: the pieces of each segment in order.
class StoredSnapshot final : public runtime::SnapshotBase {
 public:
  struct Chain {
    std::vector<std::string> pieces;
    ChainSize size;
  };

  [[nodiscard]] const ChainSize* find(SegmentId id) const override {
    const auto chain = chains.find(id);
    return chain == chains.end() ? nullptr : &chain->second.size;
  }

  std::map<SegmentId, Chain> chains;
};

/// Takes the segments of a snapshot that is under way, of one subtask or of several.
class SnapshotBuilder final : public runtime::SegmentSink {
 public:
  explicit SnapshotBuilder(const StoredSnapshot& base) : base_(&base) {}

  void segment(SegmentId id, SegmentContent content, std::string_view bytes) override {
    LEAT_CHECK(!snapshot_.chains.contains(id));
    StoredSnapshot::Chain& chain = snapshot_.chains[id];
    if (content != SegmentContent::kWhole)
      chain = base_->chains.at(id);
    if (content == SegmentContent::kWhole) {
      chain.size.whole_bytes = bytes.size();
    } else if (content == SegmentContent::kDelta) {
      chain.size.delta_bytes += bytes.size();
      ++chain.size.deltas;
    }
    if (content != SegmentContent::kUnchanged)
      chain.pieces.emplace_back(bytes);
    sent_bytes += bytes.size();
    ++segments[content];
  }

  [[nodiscard]] StoredSnapshot take() { return std::move(snapshot_); }

  std::size_t sent_bytes = 0;
  std::map<SegmentContent, std::size_t> segments;

 private:
  const StoredSnapshot* base_;
  StoredSnapshot snapshot_;
};

/// Restores what overlaps the state's key groups, and nothing else.
inline Result<void> restore(KeyedState& state, const StoredSnapshot& snapshot,
                            const runtime::KeyGroupRange& groups, std::uint64_t number) {
  for (const auto& [id, chain] : snapshot.chains) {
    if (!overlaps(id, groups))
      continue;
    for (std::size_t n = 0; n < chain.pieces.size(); ++n) {
      const auto content = n == 0 ? SegmentContent::kWhole : SegmentContent::kDelta;
      if (auto restored = state.restore(id, content, chain.pieces[n]); !restored)
        return restored;
    }
  }
  state.finish_restore(number);
  return {};
}

/// All of a snapshot at once.
inline StoredSnapshot snapshot_of(KeyedState& state, std::uint64_t number,
                                  std::uint64_t base_number = 0, const StoredSnapshot& base = {}) {
  SnapshotBuilder builder(base);
  state.begin_snapshot(number, base_number, base);
  while (!state.advance_snapshot(64 << 10, builder)) {
  }
  return builder.take();
}

}  // namespace leat::test
