#include "runtime/graph/job_graph.hpp"

#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "serialization/sha256.hpp"

namespace leat::runtime {

namespace {
std::string serialized(const proto::Plan& plan) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  plan.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}
}  // namespace

JobGraph::JobGraph(std::shared_ptr<const GraphNodes> nodes, proto::Plan plan)
    : nodes_(std::move(nodes)),
      plan_(std::move(plan)),
      plan_sha256_(sha256_hex(serialized(plan_))) {}

}  // namespace leat::runtime
