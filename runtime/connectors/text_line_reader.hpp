#pragma once

// Turns byte ranges of text files into lines. A line belongs to the range in which its first byte lies,
// so ranges cut anywhere give each line once. Runs on the slot's thread.

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "runtime/connectors/line_window.hpp"
#include "runtime/connectors/source.hpp"

namespace leat::runtime {

/// Longest line; a longer one is an error, so that memory stays bounded.
inline constexpr std::uint64_t kLongestLineBytes = std::uint64_t{64} << 20U;

class TextLineReader : public SourceReader<std::string> {
 public:
  explicit TextLineReader(FileSystem& files) : files_(files) {}

  Result<void> add_split(const proto::Split& split) override;
  Result<PollOutcome> poll(const PollBudget& budget, Collector<std::string>& out) override;
  [[nodiscard]] std::vector<proto::Split> remaining() const override;
  [[nodiscard]] std::string position() const override;

 private:
  enum class Progress { kGoOn, kOutOfBudget, kNeedBytes, kRangeDone };

  Result<void> begin_range();
  Progress emit_lines(const PollBudget& budget, Collector<std::string>& out,
                      std::uint32_t& records);
  /// Looks for the end of the line that an earlier range owns.
  Progress skip_first_line();
  Result<void> read_more();
  [[nodiscard]] bool file_is_read() const { return window_.end_offset() == range_.file_size(); }

  FileSystem& files_;
  std::deque<proto::TextRange> ranges_;  ///< not begun
  proto::TextRange range_;               ///< the current one, if in_range_
  bool in_range_ = false;
  bool skipping_ = false;
  std::unique_ptr<ReadableFile> file_;  ///< of range_, kept for further ranges of it
  std::string file_path_;
  LineWindow window_;
};

}  // namespace leat::runtime
