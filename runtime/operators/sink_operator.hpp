#pragma once

// The end of a chain: hands records to a sink's writer and counts them.

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "runtime/connectors/sink.hpp"
#include "runtime/operators/operator.hpp"
#include "runtime/operators/user_call.hpp"

namespace leat::runtime {

template <class T>
class SinkOperator final : public Collector<T>, public Operator {
 public:
  SinkOperator(const std::string& name, std::unique_ptr<SinkWriter<T>> writer)
      : name_(name), writer_(std::move(writer)) {}

  AnyCollector& input() override { return *this; }
  AnySinkWriter* sink() override { return writer_.get(); }
  [[nodiscard]] std::uint64_t records() const override { return records_; }

  void emit(In<T> record) override {
    try {
      writer_->write(record);
      ++records_;
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

  void emit_all(std::span<const View<T>> records) override {
    try {
      writer_->write_all(records);
      records_ += records.size();
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

 private:
  const std::string& name_;
  std::unique_ptr<SinkWriter<T>> writer_;
  std::uint64_t records_ = 0;
};

}  // namespace leat::runtime
