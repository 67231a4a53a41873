#include "runtime/connectors/text_split_enumerator.hpp"

#include <algorithm>
#include <utility>

#include "serialization/proto/enumerator.pb.h"

namespace leat::runtime {

TextSplitEnumerator::TextSplitEnumerator(std::vector<ListedFile> files, std::uint64_t split_bytes,
                                         std::uint32_t parallelism)
    : files_(std::move(files)), split_bytes_(split_bytes), parallelism_(parallelism) {
  reset(parallelism);
}

void TextSplitEnumerator::reset(std::uint32_t parallelism) {
  parallelism_ = std::max(parallelism, 1U);
  file_ = 0;
  offset_ = 0;
  remaining_ = 0;
  for (const ListedFile& file : files_)
    remaining_ += file.size;
  next_id_ = 0;
  returned_.clear();
  skip_finished_files();
}

std::string TextSplitEnumerator::snapshot() const {
  proto::TextEnumerator state;
  for (std::size_t i = file_; i < files_.size(); ++i) {
    proto::ListedTextFile& file = *state.add_files();
    file.set_path(files_[i].path);
    file.set_size(files_[i].size);
  }
  state.set_offset(offset_);
  state.set_next_id(next_id_);
  returned_.save(*state.mutable_returned());
  return state.SerializeAsString();
}

Result<void> TextSplitEnumerator::restore(const std::string& snapshot, std::uint32_t parallelism) {
  proto::TextEnumerator state;
  const bool decoded = state.ParseFromString(snapshot);
  if (!decoded ||
      (state.offset() > 0 && (state.files().empty() || state.offset() >= state.files(0).size())))
    return Error(ErrorKind::kInput, "the position of a text source does not decode");
  files_.clear();
  for (const proto::ListedTextFile& file : state.files())
    files_.push_back({file.path(), file.size()});
  reset(parallelism);
  remaining_ -= state.offset();
  offset_ = state.offset();
  skip_finished_files();
  next_id_ = state.next_id();
  returned_.load(state.returned());
  return {};
}

std::optional<proto::Split> TextSplitEnumerator::next(std::uint32_t /*subtask*/) {
  if (auto returned = returned_.next())
    return returned;
  if (remaining_ == 0)
    return std::nullopt;
  proto::TextSplit ranges;
  std::uint64_t wanted = next_size();
  while (wanted > 0 && remaining_ > 0 && ranges.ranges_size() < kMostFilesPerSplit) {
    wanted -= std::min(wanted, take(wanted, ranges));
    if (split_bytes_ != 0)
      break;  // asked for by size: one range each
  }
  proto::Split split;
  split.set_id(next_id_++);
  ranges.SerializeToString(split.mutable_payload());
  return split;
}

std::uint64_t TextSplitEnumerator::next_size() const {
  if (split_bytes_ != 0)
    return split_bytes_;
  return std::clamp(remaining_ / (kSplitsPerReader * parallelism_), kSmallestSplit, kLargestSplit);
}

std::uint64_t TextSplitEnumerator::take(std::uint64_t bytes, proto::TextSplit& split) {
  const ListedFile& file = files_[file_];
  const std::uint64_t left = file.size - offset_;
  std::uint64_t taken = std::min(bytes, left);
  // No crumbs: a split costs a round trip.
  if (split_bytes_ == 0 && left - taken < kSmallestSplit / 2)
    taken = left;
  proto::TextRange& range = *split.add_ranges();
  range.set_path(file.path);
  range.set_begin(offset_);
  range.set_end(offset_ + taken);
  range.set_file_size(file.size);
  offset_ += taken;
  remaining_ -= taken;
  skip_finished_files();
  return taken;
}

void TextSplitEnumerator::skip_finished_files() {
  while (file_ < files_.size() && offset_ == files_[file_].size) {
    ++file_;
    offset_ = 0;
  }
}

}  // namespace leat::runtime
