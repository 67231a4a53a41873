#pragma once

// What a job's build function starts from: sources become streams here.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "runtime/api/data_stream.hpp"
#include "runtime/connectors/source.hpp"
#include "runtime/graph/graph_builder.hpp"
#include "runtime/graph/record_type.hpp"
#include "runtime/job/job_library.hpp"

namespace leat {

enum class Mode { kStreaming, kBatch };

class Environment {
 public:
  Environment(runtime::GraphBuilder& builder, const runtime::BuildOptions& options);

  /// Streaming emits every update, batch emits aggregates at the end of input.
  [[nodiscard]] Mode mode() const { return mode_; }

  /// Begins a stream with a source's records.
  template <class T>
  DataStream<T> source(Source<T> source) {
    runtime::GraphNode node;
    node.name = source.name;
    node.output_type = &runtime::kRecordType<T>;
    node.source =
        runtime::SourceNode{source.kind, source.config,
                            [make = std::move(source.make_reader)](
                                const ReaderContext& context,
                                AnyCollector& out) -> std::unique_ptr<runtime::SourceDriver> {
                              return std::make_unique<runtime::TypedSourceDriver<T>>(
                                  make(context), static_cast<Collector<T>&>(out));
                            }};
    return DataStream<T>(context_, context_.builder.add(std::move(node), "source"));
  }

 private:
  Mode mode_;
  runtime::BuildContext context_;
};

}  // namespace leat
