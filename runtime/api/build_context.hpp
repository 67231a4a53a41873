#pragma once

// What the streams of one job under construction share.

#include "runtime/graph/graph_builder.hpp"
#include "runtime/operators/aggregate_operator.hpp"

namespace leat::runtime {

struct BuildContext {
  GraphBuilder& builder;
  EmitWhen emit_when;  ///< of aggregates, unless they say otherwise
  bool combine;        ///< aggregates that emit at the end combine before the shuffle
};

}  // namespace leat::runtime
