#pragma once

// map, filter and flat_map: one record in, some records out, no state.

#include <string>
#include <utility>

#include "runtime/api/collector.hpp"
#include "runtime/operators/operator.hpp"
#include "runtime/operators/user_call.hpp"

namespace leat::runtime {

template <class T, class Out, class F>
class MapOperator final : public Collector<T>, public Operator {
 public:
  MapOperator(const std::string& name, F function, Collector<Out>& out)
      : name_(name), function_(std::move(function)), out_(out) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      // The result may be a temporary: it lives until the end of this full expression.
      out_.emit(view_of<Out>(form_.call(function_, record)));
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

 private:
  const std::string& name_;
  F function_;
  Collector<Out>& out_;
  RecordForm<T> form_;
};

template <class T, class F>
class FilterOperator final : public Collector<T>, public Operator {
 public:
  FilterOperator(const std::string& name, F function, Collector<T>& out)
      : name_(name), function_(std::move(function)), out_(out) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      if (form_.call(function_, record))
        out_.emit(record);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

 private:
  const std::string& name_;
  F function_;
  Collector<T>& out_;
  RecordForm<T> form_;
};

template <class T, class Out, class F>
class FlatMapOperator final : public Collector<T>, public Operator {
 public:
  FlatMapOperator(const std::string& name, F function, Collector<Out>& out)
      : name_(name), function_(std::move(function)), out_(out) {}

  AnyCollector& input() override { return *this; }

  void emit(In<T> record) override {
    try {
      form_.call(function_, record, out_);
    } catch (...) {
      rethrow_labelled(name_);
    }
  }

 private:
  const std::string& name_;
  F function_;
  Collector<Out>& out_;
  RecordForm<T> form_;
};

}  // namespace leat::runtime
