#include "runtime/connectors/text_line_reader.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/quote_name.hpp"

namespace leat::runtime {

namespace {

/// Bytes read behind a range's end to find the end of its last line; doubled while it goes on.
constexpr std::uint64_t kOverhangBytes = std::uint64_t{16} << 10U;

bool is_valid(const proto::TextRange& range) {
  return range.begin() < range.end() && range.end() <= range.file_size();
}

}  // namespace

Result<void> TextLineReader::add_split(const proto::Split& split) {
  proto::TextSplit ranges;
  bool valid = ranges.ParseFromString(split.payload());
  for (const proto::TextRange& range : ranges.ranges())
    valid = valid && is_valid(range);
  if (!valid)
    return Error(ErrorKind::kProtocol,
                 "text files: split " + std::to_string(split.id()) + " does not decode");
  for (proto::TextRange& range : *ranges.mutable_ranges())
    ranges_.push_back(std::move(range));
  return {};
}

Result<PollOutcome> TextLineReader::poll(const PollBudget& budget, Collector<std::string>& out) {
  std::uint32_t records = 0;
  while (true) {
    if (!in_range_) {
      if (ranges_.empty())
        return PollOutcome{PollOutcome::Next::kNeedSplit, records};
      if (auto begun = begin_range(); !begun)
        return begun.error();
    }
    const Progress progress = skipping_ ? skip_first_line() : emit_lines(budget, out, records);
    if (progress == Progress::kOutOfBudget)
      return PollOutcome{PollOutcome::Next::kMore, records};
    if (progress == Progress::kRangeDone)
      in_range_ = false;
    if (progress == Progress::kNeedBytes)
      if (auto read = read_more(); !read)
        return read.error();
  }
}

Result<void> TextLineReader::begin_range() {
  range_ = std::move(ranges_.front());
  ranges_.pop_front();
  if (!file_ || file_path_ != range_.path()) {
    auto file = files_.open_for_read(range_.path());
    if (!file)
      return file.error();
    file_ = std::move(*file);
    file_path_ = range_.path();
  }
  // The byte before tells whether a line starts with the range's first byte.
  skipping_ = range_.begin() > 0;
  window_.restart(range_.begin() - (skipping_ ? 1 : 0));
  in_range_ = true;
  return {};
}

TextLineReader::Progress TextLineReader::skip_first_line() {
  if (const auto line = window_.peek()) {
    window_.advance(line->size());
    skipping_ = false;
    return Progress::kGoOn;
  }
  window_.drop_rest();
  return window_.offset() >= range_.end() ? Progress::kRangeDone : Progress::kNeedBytes;
}

TextLineReader::Progress TextLineReader::emit_lines(const PollBudget& budget,
                                                    Collector<std::string>& out,
                                                    std::uint32_t& records) {
  while (true) {
    if (records == budget.max_records || budget.blocked)
      return Progress::kOutOfBudget;
    if (window_.offset() >= range_.end())
      return Progress::kRangeDone;
    const auto line = window_.peek();
    if (!line)
      break;
    out.emit(*line);
    // Only now, so that position() names the line that user code threw at.
    window_.advance(line->size());
    ++records;
  }
  if (!file_is_read() || window_.pending() > kLongestLineBytes)
    return Progress::kNeedBytes;
  if (window_.pending() > 0) {
    out.emit(window_.rest());
    window_.drop_rest();
    ++records;
  }
  return Progress::kRangeDone;
}

Result<void> TextLineReader::read_more() {
  if (window_.pending() > kLongestLineBytes)
    return Error(ErrorKind::kInput, "the line is longer than " +
                                        std::to_string(kLongestLineBytes >> 20U) +
                                        " MiB; is this a text file?");
  const std::uint64_t at = window_.end_offset();
  const std::uint64_t wanted = at < range_.end()
                                   ? range_.end() - at
                                   : std::max<std::uint64_t>(kOverhangBytes, window_.pending());
  // One byte beyond the longest line shows that it is too long.
  const std::uint64_t allowed = kLongestLineBytes + 1 - window_.pending();
  const auto got = window_.read(*file_, std::min({wanted, allowed, range_.file_size() - at}));
  if (!got)
    return got.error();
  if (*got == 0)
    return Error(ErrorKind::kInput,
                 quote_name(range_.path()) +
                     " was shortened while it was read: " + std::to_string(range_.file_size()) +
                     " bytes when the job started, now it ends before byte " +
                     std::to_string(at + 1));
  return {};
}

/// A range with an offset of its own: it begins with the first byte of a line that was not read.
std::vector<proto::Split> TextLineReader::remaining() const {
  proto::TextSplit left;
  // While it looks for its first line nothing of the range has been read.
  if (in_range_ && (skipping_ || window_.offset() < range_.end())) {
    proto::TextRange& range = *left.add_ranges();
    range = range_;
    if (!skipping_)
      range.set_begin(window_.offset());
  }
  for (const proto::TextRange& range : ranges_)
    *left.add_ranges() = range;
  if (left.ranges().empty())
    return {};
  proto::Split split;
  left.SerializeToString(split.mutable_payload());
  return {std::move(split)};
}

std::string TextLineReader::position() const {
  if (!in_range_)
    return "between splits";
  return quote_name(range_.path()) + ", line at byte " + std::to_string(window_.offset());
}

}  // namespace leat::runtime
