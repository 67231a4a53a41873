#pragma once

// Records that the job's author lists, read by one subtask.

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/connectors/index_range.hpp"
#include "runtime/connectors/source.hpp"

namespace leat {

template <class T>
class CollectionReader final : public SourceReader<T> {
 public:
  explicit CollectionReader(std::shared_ptr<const std::vector<T>> records)
      : records_(std::move(records)), next_(records_->size()) {}

  /// There is one split: all records, or after a failure those left.
  Result<void> add_split(const proto::Split& split) override {
    next_ = 0;
    if (split.payload().empty())
      return {};
    const auto range = runtime::decode_index_range(split);
    if (!range)
      return range.error();
    if (range->end != records_->size())
      return Error(ErrorKind::kInput, "the collection had " + std::to_string(range->end) +
                                          " elements when its position was stored, now it has " +
                                          std::to_string(records_->size()) +
                                          "; it must be the same to go on from there");
    next_ = static_cast<std::size_t>(range->begin);
    return {};
  }

  Result<PollOutcome> poll(const PollBudget& budget, Collector<T>& out) override {
    std::uint32_t records = 0;
    for (; next_ < records_->size() && records < budget.max_records && !budget.blocked; ++next_) {
      out.emit(Codec<T>::view((*records_)[next_]));
      ++records;
    }
    const bool done = next_ == records_->size();
    return PollOutcome{done ? PollOutcome::Next::kNeedSplit : PollOutcome::Next::kMore, records};
  }

  [[nodiscard]] std::vector<proto::Split> remaining() const override {
    if (next_ == records_->size())
      return {};
    return {runtime::encode_index_range({next_, records_->size()})};
  }

  [[nodiscard]] std::string position() const override { return "element " + std::to_string(next_); }

 private:
  std::shared_ptr<const std::vector<T>> records_;
  std::size_t next_;
};

/// The records of a vector, in its order, read by one subtask. Replayable.
template <class T>
[[nodiscard]] Source<T> collection(std::vector<T> records) {
  auto shared = std::make_shared<const std::vector<T>>(std::move(records));
  return {.name = "collection",
          .kind = "single",
          .config = {},
          .make_reader = [shared](const ReaderContext&) -> std::unique_ptr<SourceReader<T>> {
            return std::make_unique<CollectionReader<T>>(shared);
          }};
}

/// The same for records listed in place: collection({"a", "b"}).
template <class T>
[[nodiscard]] Source<Owned<T>> collection(std::initializer_list<T> records) {
  return collection(std::vector<Owned<T>>(records.begin(), records.end()));
}

}  // namespace leat
