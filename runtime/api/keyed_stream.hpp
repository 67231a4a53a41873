#pragma once

// KeyedStream: records grouped by key, waiting for what to do with each group. Aggregates emit every
// update in streaming jobs and once, at the end of input, in batch jobs, unless told otherwise.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "runtime/api/data_stream.hpp"
#include "runtime/operators/aggregate_operator.hpp"
#include "runtime/operators/aggregations.hpp"
#include "runtime/operators/combine_operator.hpp"

namespace leat {

enum class Emit {
  kByMode,       ///< as the job's mode has it
  kEveryUpdate,  ///< after each record
  kAtEnd,        ///< once per key, at the end of input
};

template <class T, class K, class KeyFn>
class KeyedStream {
 public:
  KeyedStream(DataStream<T> stream, KeyFn key_of)
      : stream_(std::move(stream)), key_of_(std::move(key_of)) {}

  /// (key, number of records).
  [[nodiscard]] DataStream<std::pair<K, std::uint64_t>> count(Emit emit = Emit::kByMode) const {
    return aggregate_with("count", runtime::CountAggregation<T, K>{}, emit);
  }

  /// (key, sum of `field(record)`).
  template <class F>
  requires runtime::kTakesView<F, T>
  [[nodiscard]] auto sum(F field, Emit emit = Emit::kByMode) const {
    using N = std::remove_cvref_t<std::invoke_result_t<F&, In<T>>>;
    return aggregate_with("sum", runtime::SumAggregation<T, K, N, F>{std::move(field)}, emit);
  }
  /// (key, sum) of number records, or of the second half of pairs.
  [[nodiscard]] auto sum(Emit emit = Emit::kByMode) const {
    if constexpr (Number<T>)
      return sum([](T number) { return number; }, emit);
    else
      return sum([](const auto& pair) { return pair.second; }, emit);
  }

  /// One record per key: `function(record, record)`, which must be associative.
  template <class F>
  [[nodiscard]] DataStream<T> reduce(F function, Emit emit = Emit::kByMode) const {
    return aggregate_with("reduce", runtime::ReduceAggregation<T, K, F>{std::move(function)}, emit);
  }

  /// (key, `aggregation.result(accumulator)`) for a user's aggregation: a record type Accumulator,
  /// `add(Accumulator&, record)`, `merge(Accumulator&, const Accumulator&)` and `result(const
  /// Accumulator&)`, all const.
  template <class A>
  [[nodiscard]] auto aggregate(A aggregation, Emit emit = Emit::kByMode) const {
    return aggregate_with("aggregate", runtime::UserAggregation<T, K, A>{std::move(aggregation)},
                          emit);
  }

 private:
  struct KeyOfPartial {
    template <class Pair>
    decltype(auto) operator()(const Pair& partial) const {
      return (partial.first);
    }
  };

  template <class A>
  DataStream<typename A::Out> aggregate_with(const std::string& kind, A aggregation,
                                             Emit emit) const {
    runtime::BuildContext& context = stream_.context();
    const runtime::EmitWhen when = emit == Emit::kByMode        ? context.emit_when
                                   : emit == Emit::kEveryUpdate ? runtime::EmitWhen::kEveryUpdate
                                                                : runtime::EmitWhen::kAtEnd;
    if (!context.combine || when == runtime::EmitWhen::kEveryUpdate)
      return shuffled<T>(stream_.input(), kind, std::move(aggregation), key_of_, when);
    using Partial = std::pair<K, typename A::Accumulator>;
    using Combine = runtime::CombineOperator<T, K, A, KeyFn>;
    const std::size_t combiner = add_node<T, Partial>(
        stream_.input(), "combine",
        [aggregation, key_of = key_of_](const runtime::OperatorContext& created_in,
                                        Collector<Partial>& out) {
          return std::make_unique<Combine>(created_in.name, aggregation, key_of, out);
        });
    return shuffled<Partial>(DataStream<Partial>(context, combiner).input(), kind,
                             runtime::MergePartials<K, A>{std::move(aggregation)}, KeyOfPartial{},
                             when);
  }

  /// A hash edge for records of R, and the aggregating operator behind it.
  template <class R, class A, class Key>
  auto shuffled(runtime::NodeInput from, const std::string& kind, A aggregation, Key key_of,
                runtime::EmitWhen when) const {
    using Out = typename A::Out;
    using Aggregate = runtime::AggregateOperator<R, K, Out, A, Key>;
    from.partitioning = proto::PARTITIONING_HASH;
    from.make_writer =
        [key_of](const runtime::WriterContext& writer) -> std::unique_ptr<AnyCollector> {
      return std::make_unique<runtime::HashWriter<R, K, Key>>(key_of, writer.out,
                                                              writer.max_parallelism);
    };
    const std::size_t node = add_node<R, Out>(
        std::move(from), kind,
        [aggregation = std::move(aggregation), key_of, when](
            const runtime::OperatorContext& context, Collector<Out>& out) {
          return std::make_unique<Aggregate>(context, aggregation, key_of, when, out);
        });
    return DataStream<Out>(stream_.context(), node);
  }

  template <class R, class Out, class Make>
  std::size_t add_node(runtime::NodeInput from, const std::string& kind, Make make) const {
    runtime::GraphNode node;
    node.input_type = &runtime::kRecordType<R>;
    node.output_type = &runtime::kRecordType<Out>;
    node.inputs = {std::move(from)};
    node.make_operator = [make = std::move(make)](
                             const runtime::OperatorContext& context,
                             AnyCollector& out) -> std::unique_ptr<runtime::Operator> {
      return make(context, static_cast<Collector<Out>&>(out));
    };
    return stream_.context().builder.add(std::move(node), kind);
  }

  DataStream<T> stream_;
  KeyFn key_of_;
};

}  // namespace leat
