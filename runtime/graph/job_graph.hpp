#pragma once

// A job as built by its author's function: operators with their code, and the plan derived from them.
// Immutable after build(); may be shared between threads.

#include <memory>
#include <string>

#include "serialization/proto/plan.pb.h"

namespace leat::runtime {

struct GraphNodes;

class JobGraph {
 public:
  JobGraph(std::shared_ptr<const GraphNodes> nodes, proto::Plan plan);

  [[nodiscard]] const proto::Plan& plan() const { return plan_; }
  /// SHA-256 (hex) of the plan: equal in every process that built the same job.
  [[nodiscard]] const std::string& plan_sha256() const { return plan_sha256_; }
  [[nodiscard]] const GraphNodes& nodes() const { return *nodes_; }

 private:
  std::shared_ptr<const GraphNodes> nodes_;
  proto::Plan plan_;
  std::string plan_sha256_;
};

}  // namespace leat::runtime
