#pragma once

// A source that reads a vector and a sink that writes one, for jobs built inside a test.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/connectors/index_range.hpp"
#include "runtime/connectors/sink.hpp"
#include "runtime/connectors/source.hpp"

namespace leat::test {

/// Reads rows [begin, end) of a vector per RangeSplit.
template <class T>
class VectorReader final : public SourceReader<T> {
 public:
  explicit VectorReader(std::shared_ptr<const std::vector<T>> rows) : rows_(std::move(rows)) {}

  Result<void> add_split(const proto::Split& split) override {
    proto::RangeSplit range;
    if (!range.ParseFromString(split.payload()))
      return Error(ErrorKind::kProtocol, "no RangeSplit");
    next_ = range.begin();
    end_ = range.end();
    return {};
  }

  Result<PollOutcome> poll(const PollBudget& budget, Collector<T>& out) override {
    std::uint32_t done = 0;
    while (next_ < end_ && done < budget.max_records && !budget.blocked) {
      out.emit(Codec<T>::view((*rows_)[next_]));
      ++next_;
      ++done;
    }
    return PollOutcome{
        next_ < end_ ? PollOutcome::Next::kMore : PollOutcome::Next::kNeedSplit, done, {}};
  }

  [[nodiscard]] std::vector<proto::Split> remaining() const override {
    if (next_ == end_)
      return {};
    return {runtime::encode_index_range({next_, end_})};
  }

  [[nodiscard]] std::string position() const override { return "row " + std::to_string(next_); }

 private:
  std::shared_ptr<const std::vector<T>> rows_;
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
};

template <class T>
Source<T> vector_source(std::vector<T> rows) {
  proto::RangeConfig config;
  config.set_count(rows.size());
  auto shared = std::make_shared<const std::vector<T>>(std::move(rows));
  return {"rows", "range", config.SerializeAsString(),
          [shared](const ReaderContext&) { return std::make_unique<VectorReader<T>>(shared); }};
}

/// What all subtasks of a memory sink have written, and whether they take more.
template <class T>
struct MemoryRows {
  std::vector<T> rows;
  bool stalled = false;
};

template <class T>
class MemoryWriter final : public SinkWriter<T> {
 public:
  explicit MemoryWriter(std::shared_ptr<MemoryRows<T>> rows) : rows_(std::move(rows)) {}
  void write(In<T> record) override { rows_->rows.push_back(Codec<T>::own(record)); }
  [[nodiscard]] bool ready() const override { return !rows_->stalled; }

 private:
  std::shared_ptr<MemoryRows<T>> rows_;
};

template <class T>
Sink<T> memory_sink(std::shared_ptr<MemoryRows<T>> rows) {
  return {"memory", "discard", "",
          [rows](const SinkContext&) { return std::make_unique<MemoryWriter<T>>(rows); }};
}

}  // namespace leat::test
