#pragma once

// From a deployment to what a slot can run: loads the job object, rebuilds the graph, compares it
// with the client's plan, looks for the output's storage. Blocks and runs user code: called on an io
// worker.

#include <memory>
#include <string>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::runtime {
class JobGraph;
}

namespace leat::actors {

Result<std::shared_ptr<const runtime::JobGraph>> load_graph(FileSystem& files,
                                                            const std::string& object_path,
                                                            const proto::DeploySubtask& deployment);

}  // namespace leat::actors
