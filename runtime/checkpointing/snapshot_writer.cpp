#include "runtime/checkpointing/snapshot_writer.hpp"

#include <set>
#include <utility>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/checkpointing/packed_pieces.hpp"

namespace leat::runtime {

/// Puts segments where they belong as the state hands them out.
class SnapshotWriter::Intake final : public SegmentSink {
 public:
  Intake(SnapshotWriter& writer, Part& part) : writer_(writer), part_(part) {}

  void segment(SegmentId id, SegmentContent content, std::string_view bytes) override {
    SegmentChain& chain = part_.chains[id];
    LEAT_CHECK(chain.size.whole_bytes == 0);
    const bool on_base = content != SegmentContent::kWhole;
    if (on_base) {
      const SegmentChain* base = part_.base == nullptr ? nullptr : part_.base->chain(id);
      LEAT_CHECK(base != nullptr);
      chain = *base;
      writer_.of_base_.insert(base->chunks.begin(), base->chunks.end());
    }
    part_.written.push_back({id, on_base, 0});
    if (content == SegmentContent::kUnchanged)
      return;
    chain.grow(bytes.size());
    const auto pieces = writer_.packer_.append(bytes);
    part_.pieces.insert(part_.pieces.end(), pieces.begin(), pieces.end());
    part_.written.back().pieces = static_cast<std::uint32_t>(pieces.size());
  }

 private:
  SnapshotWriter& writer_;
  Part& part_;
};

void SnapshotWriter::begin(const Barrier& barrier) {
  abort();
  // A barrier may come before the JobManager's word: what it names as base is complete.
  complete(barrier.base);
  taken_ = 0;
  taken_chains_.clear();
  sent_bytes_ = 0;
  checkpoint_ = barrier.checkpoint;
  base_ = barrier.base == complete_ ? complete_ : 0;
  window_ = barrier.chunk_window;
}

void SnapshotWriter::abort() {
  for (const auto& part : parts_)
    if (!part->encoded)
      part->state->abort_snapshot();
  parts_.clear();
  next_part_ = 0;
  overtaken_.clear();
  next_overtaken_ = 0;
  packer_ = {};
  stored_.clear();
  of_base_.clear();
  unanswered_ = 0;
  finished_ = false;
  checkpoint_ = 0;
}

void SnapshotWriter::add(const std::string& uid, KeyedState& state) {
  LEAT_CHECK(checkpoint_ != 0 && !finished_);
  static const SegmentChains kNone;
  const auto known = base_ == 0 ? complete_chains_.end() : complete_chains_.find(uid);
  const SegmentChains* base = known == complete_chains_.end() ? nullptr : &known->second;
  state.begin_snapshot(checkpoint_, base == nullptr ? 0 : base_, base == nullptr ? kNone : *base);
  auto part = std::make_unique<Part>();
  part->uid = uid;
  part->state = &state;
  part->base = base;
  parts_.push_back(std::move(part));
}

void SnapshotWriter::add(CapturedChannel channel) {
  LEAT_CHECK(checkpoint_ != 0 && !finished_);
  overtaken_.push_back({std::move(channel), {}});
}

bool SnapshotWriter::may_encode() const {
  return !all_encoded() && packer_.waiting_bytes() < kMostWaitingBytes;
}

bool SnapshotWriter::can_advance() const {
  if (checkpoint_ == 0)
    return false;
  const bool last_is_due = finished_ && all_encoded() && packer_.waiting_bytes() > 0;
  return may_encode() || (unanswered_ < window_ && (packer_.has_ready() || last_is_due));
}

bool SnapshotWriter::advance(std::size_t budget) {
  if (checkpoint_ == 0)
    return false;
  if (may_encode())
    encode(budget);
  if (finished_ && all_encoded())
    packer_.finish();
  send_ready();
  return can_advance();
}

void SnapshotWriter::encode(std::size_t budget) {
  if (next_part_ == parts_.size())
    return pack_overtaken(budget);
  Part& part = *parts_[next_part_];
  Intake intake(*this, part);
  part.encoded = part.state->advance_snapshot(budget, intake);
  if (part.encoded)
    ++next_part_;
}

void SnapshotWriter::pack_overtaken(std::size_t budget) {
  Overtaken& overtaken = overtaken_[next_overtaken_];
  const auto& buffers = overtaken.channel.buffers;
  for (std::size_t packed = 0; packed < budget && overtaken.pieces.size() < buffers.size();) {
    const std::string_view bytes = buffers[overtaken.pieces.size()]->bytes.view();
    packed += bytes.size();
    overtaken.pieces.push_back(packer_.append(bytes).front());
  }
  if (overtaken.pieces.size() == buffers.size())
    ++next_overtaken_;
}

void SnapshotWriter::send_ready() {
  while (unanswered_ < window_ && packer_.has_ready()) {
    std::string chunk = *packer_.take();
    ++unanswered_;
    sent_bytes_ += chunk.size();
    stored_.emplace_back();
    outbox_.send_chunk(checkpoint_, stored_.size() - 1, std::move(chunk));
  }
}

void SnapshotWriter::chunk_stored(std::uint64_t checkpoint, std::uint64_t sequence, ChunkId chunk) {
  if (checkpoint != checkpoint_ || sequence >= stored_.size() || stored_[sequence].epoch != 0)
    return;
  stored_[sequence] = chunk;
  --unanswered_;
}

bool SnapshotWriter::durable() const {
  return checkpoint_ != 0 && finished_ && all_encoded() && packer_.waiting_bytes() == 0 &&
         unanswered_ == 0;
}

void SnapshotWriter::take(proto::SubtaskSnapshot& into) {
  LEAT_CHECK(durable());
  for (const auto& part : parts_) {
    take_keyed(*part, *into.add_keyed());
    taken_chains_[part->uid] = std::move(part->chains);
  }
  for (Overtaken& overtaken : overtaken_)
    take_overtaken(overtaken, *into.add_channels());
  std::set<ChunkId> chunks(of_base_.begin(), of_base_.end());
  chunks.insert(stored_.begin(), stored_.end());
  for (const ChunkId chunk : chunks) {
    proto::ChunkKey& key = *into.add_chunks();
    key.set_epoch(chunk.epoch);
    key.set_counter(chunk.counter);
  }
  taken_ = checkpoint_;
  abort();
}

void SnapshotWriter::take_keyed(Part& part, proto::KeyedStateSnapshot& into) {
  into.set_uid(part.uid);
  into.set_type(part.state->type_fingerprint());
  into.mutable_segments()->Reserve(static_cast<int>(part.written.size()));
  std::uint64_t bytes = 0;
  auto piece = part.pieces.begin();
  for (const Written& written : part.written) {
    proto::SegmentSnapshot& segment = *into.add_segments();
    segment.set_depth(written.id.depth);
    segment.set_prefix(written.id.prefix);
    segment.set_on_base(written.on_base);
    SegmentChain& chain = part.chains[written.id];
    for (const auto end = piece + written.pieces; piece != end; ++piece) {
      name_chunk(*piece);
      append_packed(*segment.mutable_chain(), *piece);
      chain.lies_in(piece->chunk);
    }
    bytes += chain.size.whole_bytes + chain.size.delta_bytes;
  }
  into.set_bytes(bytes);
}

void SnapshotWriter::take_overtaken(Overtaken& overtaken, proto::ChannelSnapshot& into) {
  into.set_edge(overtaken.channel.channel.edge);
  into.set_from(overtaken.channel.channel.from);
  into.set_to(overtaken.channel.channel.to);
  into.set_at_sender(overtaken.channel.at_sender);
  for (std::size_t i = 0; i < overtaken.pieces.size(); ++i) {
    const Buffer& buffer = *overtaken.channel.buffers[i];
    proto::ChannelBuffer& encoded = *into.add_buffers();
    encoded.set_kind(static_cast<std::uint32_t>(buffer.kind));
    encoded.set_records(buffer.records);
    name_chunk(overtaken.pieces[i]);
    *encoded.mutable_piece() = to_proto(overtaken.pieces[i]);
  }
}

/// All chunks are stored: pieces of this snapshot get their names.
void SnapshotWriter::name_chunk(StoredPiece& piece) const {
  if (piece.chunk.epoch == 0)
    piece.chunk = stored_[piece.chunk.counter];
}

void SnapshotWriter::complete(std::uint64_t checkpoint) {
  if (taken_ == 0 || checkpoint != taken_)
    return;
  complete_ = std::exchange(taken_, 0);
  complete_chains_ = std::move(taken_chains_);
  taken_chains_.clear();
}

void SnapshotWriter::restored(std::uint64_t checkpoint, PipelineChains chains) {
  complete_ = checkpoint;
  complete_chains_ = std::move(chains);
}

}  // namespace leat::runtime
