#pragma once

// The logical graph: what a job's build function adds, one node per operator, with the code to create
// its parts in each subtask. Types are erased here; the typed API (runtime/api) puts matching ones in.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/api/collector.hpp"
#include "runtime/connectors/source.hpp"
#include "runtime/dataflow/edge_output.hpp"
#include "runtime/dataflow/edge_reader.hpp"
#include "runtime/operators/operator.hpp"
#include "runtime/operators/source_driver.hpp"
#include "serialization/proto/plan.pb.h"

namespace leat::runtime {

/// How records of one type cross between operators. One constant instance per type.
struct RecordType {
  std::unique_ptr<EdgeReader> (*make_reader)(AnyCollector& out);
  /// Hands each record to all of `outs` (to none: drops it).
  std::unique_ptr<AnyCollector> (*make_tee)(const std::vector<AnyCollector*>& outs);
};

/// What a writer at the end of a chain is created with.
struct WriterContext {
  EdgeOutput& out;
  std::uint32_t subtask;
  std::uint32_t max_parallelism;
};

struct NodeInput {
  std::size_t from;  ///< index of the node that feeds it
  proto::Partitioning partitioning = proto::PARTITIONING_FORWARD;
  std::function<std::unique_ptr<AnyCollector>(const WriterContext&)> make_writer;
};

struct SourceNode {
  std::string kind;
  std::string config;
  std::function<std::unique_ptr<SourceDriver>(const ReaderContext&, AnyCollector& out)> make_driver;
};

struct SinkNode {
  std::string kind;
  std::string path;
};

struct GraphNode {
  std::string uid;   ///< stable identity; derived from the position unless set
  std::string name;  ///< for people
  const RecordType* input_type = nullptr;   ///< null for sources
  const RecordType* output_type = nullptr;  ///< null for sinks
  std::vector<NodeInput> inputs;
  bool starts_chain = false;
  /// Null for sources.
  std::function<std::unique_ptr<Operator>(const OperatorContext&, AnyCollector& out)> make_operator;
  std::optional<SourceNode> source;
  std::optional<SinkNode> sink;
};

/// Nodes in the order they were added: inputs come before what they feed.
struct GraphNodes {
  std::vector<GraphNode> nodes;
};

}  // namespace leat::runtime
