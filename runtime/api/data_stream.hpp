#pragma once

// DataStream<T>: records of type T on their way. Each call adds an operator to the job and returns the
// stream behind it. Functions take a record as its view (std::string_view for strings, by value or
// const reference for the rest), as an owned `const T&`, or as `auto`; they are copied into each subtask.

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/api/build_context.hpp"
#include "runtime/api/collector.hpp"
#include "runtime/api/function_traits.hpp"
#include "runtime/connectors/sink.hpp"
#include "runtime/dataflow/partition_writers.hpp"
#include "runtime/graph/record_type.hpp"
#include "runtime/operators/map_operators.hpp"
#include "runtime/operators/sink_operator.hpp"

namespace leat {

template <class T, class K, class KeyFn>
class KeyedStream;

template <class T>
class DataStream {
 public:
  using Record = T;

  DataStream(runtime::BuildContext& context, std::size_t node) : context_(&context), node_(node) {}

  /// Names the last operator for ever: state and output are matched by it.
  DataStream& uid(const std::string& uid) {
    context_->builder.node(node_).uid = uid;
    return *this;
  }
  /// Names the last operator for people.
  DataStream& name(const std::string& name) {
    context_->builder.node(node_).name = name;
    return *this;
  }
  /// Begins a new chain with the last operator instead of fusing it with the one before.
  DataStream& start_new_chain() {
    context_->builder.node(node_).starts_chain = true;
    return *this;
  }

  /// One record in, one out: what `function` returns.
  template <class F>
  auto map(F function) const {
    using Out = Owned<typename runtime::CallResult<F, T>::type>;
    return add<Out, runtime::MapOperator<T, Out, F>>("map", std::move(function));
  }

  /// Keeps the records for which `function` returns true.
  template <class F>
  DataStream<T> filter(F function) const {
    return add<T, runtime::FilterOperator<T, F>>("filter", std::move(function));
  }

  /// One record in, any number out: `function(record, Collector<Out>&)`.
  template <class F>
  auto flat_map(F function) const {
    using Out = typename runtime::CollectorArgument<F>::Record;
    return flat_map<Out>(std::move(function));
  }
  /// The same where the function is generic and Out has to be said.
  template <class Out, class F>
  DataStream<Out> flat_map(F function) const {
    return add<Out, runtime::FlatMapOperator<T, Out, F>>("flat_map", std::move(function));
  }

  /// Groups by what `function` returns; records of one key meet in one subtask.
  template <class F>
  auto key_by(F function) const {
    using K = Owned<typename runtime::CallResult<F, T>::type>;
    return KeyedStream<T, K, F>(*this, std::move(function));
  }

  /// Records of both streams, in no particular order between them.
  template <class... Streams>
  DataStream<T> union_with(const Streams&... others) const {
    static_assert((std::is_same_v<Streams, DataStream<T>> && ...),
                  "streams of one record type can be united");
    runtime::GraphNode node = passing_node("union");
    node.inputs = {input(), others.input()...};
    return DataStream<T>(*context_, context_->builder.add(std::move(node), "union"));
  }

  /// Deals records out evenly to the subtasks of the next operator.
  [[nodiscard]] DataStream<T> rebalance() const {
    return partitioned(proto::PARTITIONING_REBALANCE, [](const runtime::WriterContext& context) {
      return std::make_unique<runtime::RebalanceWriter<T>>(context.out, context.subtask);
    });
  }
  /// Sends every record to every subtask of the next operator.
  [[nodiscard]] DataStream<T> broadcast() const {
    return partitioned(proto::PARTITIONING_BROADCAST, [](const runtime::WriterContext& context) {
      return std::make_unique<runtime::BroadcastWriter<T>>(context.out);
    });
  }

  /// Ends the stream here. A stream may have several sinks.
  DataStream<T> sink(Sink<T> sink) const {
    runtime::GraphNode node;
    node.name = sink.name;
    node.input_type = &runtime::kRecordType<T>;
    node.inputs = {input()};
    node.sink = runtime::SinkNode{sink.kind, sink.path};
    node.make_operator = [make = std::move(sink.make_writer)](
                             const runtime::OperatorContext& context,
                             AnyCollector&) -> std::unique_ptr<runtime::Operator> {
      return std::make_unique<runtime::SinkOperator<T>>(context.name, make(context.sink));
    };
    return DataStream<T>(*context_, context_->builder.add(std::move(node), "sink"));
  }
  /// A sink that fits any record type, such as text_directory("out"): it says how with as<T>().
  template <class AnySink>
  requires requires(const AnySink& sink) { sink.template as<T>(); }
  DataStream<T> sink(const AnySink& any) const { return sink(any.template as<T>()); }

  // For KeyedStream.
  [[nodiscard]] runtime::BuildContext& context() const { return *context_; }
  [[nodiscard]] runtime::NodeInput input() const {
    if (next_input_)
      return *next_input_;
    return {node_, proto::PARTITIONING_FORWARD,
            [](const runtime::WriterContext& writer) -> std::unique_ptr<AnyCollector> {
              return std::make_unique<runtime::ForwardWriter<T>>(writer.out);
            }};
  }

 private:
  /// Adds an operator `Op(name, function, out)`.
  template <class Out, class Op, class F>
  DataStream<Out> add(const std::string& kind, F function) const {
    runtime::GraphNode node;
    node.input_type = &runtime::kRecordType<T>;
    node.output_type = &runtime::kRecordType<Out>;
    node.inputs = {input()};
    node.make_operator = [function = std::move(function)](
                             const runtime::OperatorContext& context,
                             AnyCollector& out) -> std::unique_ptr<runtime::Operator> {
      return std::make_unique<Op>(context.name, function, static_cast<Collector<Out>&>(out));
    };
    return DataStream<Out>(*context_, context_->builder.add(std::move(node), kind));
  }

  /// A node that hands on what it gets.
  static runtime::GraphNode passing_node(const std::string& name) {
    runtime::GraphNode node;
    node.name = name;
    node.input_type = &runtime::kRecordType<T>;
    node.output_type = &runtime::kRecordType<T>;
    node.make_operator = [](const runtime::OperatorContext& context,
                            AnyCollector& out) -> std::unique_ptr<runtime::Operator> {
      const auto keep = [](const auto&) { return true; };
      return std::make_unique<runtime::FilterOperator<T, decltype(keep)>>(
          context.name, keep, static_cast<Collector<T>&>(out));
    };
    return node;
  }

  template <class Make>
  DataStream<T> partitioned(proto::Partitioning partitioning, Make make) const {
    DataStream<T> stream = *this;
    stream.next_input_ = std::make_shared<runtime::NodeInput>(
        runtime::NodeInput{node_, partitioning, std::move(make)});
    return stream;
  }

  runtime::BuildContext* context_;
  std::size_t node_;
  std::shared_ptr<const runtime::NodeInput> next_input_;  // null: forward
};

}  // namespace leat
