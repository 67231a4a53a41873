#pragma once

// Cuts a frozen listing into splits as they are asked for. Splits are large at first and small towards
// the end, so that few are needed and all readers finish together. Owned by the JobMaster; no I/O.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "runtime/connectors/text_file_listing.hpp"
#include "runtime/coordination/returned_splits.hpp"
#include "runtime/coordination/split_enumerator.hpp"

namespace leat::runtime {

class TextSplitEnumerator : public SplitEnumerator {
 public:
  /// `split_bytes`: fixed size of splits; 0 lets the enumerator choose.
  TextSplitEnumerator(std::vector<ListedFile> files, std::uint64_t split_bytes,
                      std::uint32_t parallelism);

  std::optional<proto::Split> next(std::uint32_t subtask) override;
  void reset(std::uint32_t parallelism) override;
  [[nodiscard]] std::string snapshot() const override;
  /// The listing becomes that of the snapshot.
  Result<void> restore(const std::string& snapshot, std::uint32_t parallelism) override;
  void add_back(std::vector<proto::Split> splits) override { returned_.add(std::move(splits)); }

  static constexpr std::uint64_t kSmallestSplit = std::uint64_t{64} << 10U;
  static constexpr std::uint64_t kLargestSplit = std::uint64_t{32} << 20U;
  /// Splits that the rest is thought to be cut into, per reader.
  static constexpr std::uint64_t kSplitsPerReader = 3;
  /// Files in one split: their names travel in one message.
  static constexpr int kMostFilesPerSplit = 256;

 private:
  [[nodiscard]] std::uint64_t next_size() const;
  /// Takes up to about `bytes` from the current file.
  std::uint64_t take(std::uint64_t bytes, proto::TextSplit& split);
  void skip_finished_files();

  std::vector<ListedFile> files_;
  std::uint64_t split_bytes_;
  std::uint32_t parallelism_;

  std::size_t file_ = 0;         ///< the current one
  std::uint64_t offset_ = 0;     ///< in it
  std::uint64_t remaining_ = 0;  ///< bytes of all files not handed out
  std::uint64_t next_id_ = 0;
  ReturnedSplits returned_;
};

}  // namespace leat::runtime
