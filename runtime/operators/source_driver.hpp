#pragma once

// A source's reader with its record type erased, and the collector it emits to.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/connectors/source.hpp"

namespace leat::runtime {

class SourceDriver {
 public:
  SourceDriver() = default;
  SourceDriver(const SourceDriver&) = delete;
  SourceDriver& operator=(const SourceDriver&) = delete;
  virtual ~SourceDriver() = default;

  virtual Result<void> add_split(const proto::Split& split) = 0;
  virtual Result<PollOutcome> poll(const PollBudget& budget) = 0;
  [[nodiscard]] virtual std::vector<proto::Split> remaining() const = 0;
  [[nodiscard]] virtual std::string position() const = 0;
};

template <class T>
class TypedSourceDriver final : public SourceDriver {
 public:
  TypedSourceDriver(std::unique_ptr<SourceReader<T>> reader, Collector<T>& out)
      : reader_(std::move(reader)), out_(out) {}

  Result<void> add_split(const proto::Split& split) override { return reader_->add_split(split); }
  Result<PollOutcome> poll(const PollBudget& budget) override {
    return reader_->poll(budget, out_);
  }
  [[nodiscard]] std::vector<proto::Split> remaining() const override {
    return reader_->remaining();
  }
  [[nodiscard]] std::string position() const override { return reader_->position(); }

 private:
  std::unique_ptr<SourceReader<T>> reader_;
  Collector<T>& out_;
};

}  // namespace leat::runtime
