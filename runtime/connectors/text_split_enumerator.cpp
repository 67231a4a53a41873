#include "runtime/connectors/text_split_enumerator.hpp"

#include <algorithm>
#include <utility>

namespace leat::runtime {

TextSplitEnumerator::TextSplitEnumerator(std::vector<ListedFile> files, std::uint64_t split_bytes,
                                         std::uint32_t parallelism)
    : files_(std::move(files)), split_bytes_(split_bytes), parallelism_(parallelism) {
  for (const ListedFile& file : files_)
    total_ += file.size;
  reset(parallelism);
}

void TextSplitEnumerator::reset(std::uint32_t parallelism) {
  parallelism_ = std::max(parallelism, 1U);
  file_ = 0;
  offset_ = 0;
  remaining_ = total_;
  next_id_ = 0;
  skip_finished_files();
}

std::optional<proto::Split> TextSplitEnumerator::next(std::uint32_t /*subtask*/) {
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
