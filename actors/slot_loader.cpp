#include "actors/slot_loader.hpp"

#include <cstdint>
#include <vector>

#include "runtime/connectors/output_commit.hpp"
#include "runtime/graph/job_graph.hpp"
#include "runtime/job/job_library.hpp"

namespace leat::actors {

namespace {

// What SlotTask takes for granted.
Result<void> check_numbers(const proto::DeploySubtask& deployment) {
  const auto peers = static_cast<std::uint32_t>(deployment.peers_size());
  if (deployment.ref().subtask() < deployment.parallelism() &&
      deployment.parallelism() <= deployment.max_parallelism() && deployment.parallelism() == peers)
    return {};
  return Error(ErrorKind::kProtocol, "subtask " + std::to_string(deployment.ref().subtask()) +
                                         " of " + std::to_string(deployment.parallelism()) +
                                         " with at most " +
                                         std::to_string(deployment.max_parallelism()) + ", and " +
                                         std::to_string(peers) + " peers, cannot be deployed");
}

runtime::BuildOptions build_options(const proto::DeploySubtask& deployment) {
  runtime::BuildOptions options;
  options.mode = deployment.mode();
  options.max_parallelism = deployment.max_parallelism();
  options.config.insert(deployment.config().begin(), deployment.config().end());
  return options;
}

}  // namespace

Result<std::shared_ptr<const runtime::JobGraph>> load_graph(
    FileSystem& files, const std::string& object_path, const proto::DeploySubtask& deployment) {
  if (auto checked = check_numbers(deployment); !checked)
    return checked.error();
  auto library = runtime::JobLibrary::load(object_path);
  if (!library)
    return library.error();
  const std::vector<std::string> arguments(deployment.arguments().begin(),
                                           deployment.arguments().end());
  auto graph = (*library)->build(arguments, build_options(deployment));
  if (!graph)
    return graph.error();
  if ((*graph)->plan_sha256() != deployment.plan_sha256())
    return Error(ErrorKind::kUser,
                 "the job builds another plan here than on the client: its build function must "
                 "depend on its arguments only, not on files, the environment or chance");
  const std::vector<std::string> nonces(deployment.output_nonces().begin(),
                                        deployment.output_nonces().end());
  if (auto visible = runtime::check_nonces(files, nonces); !visible)
    return visible.error();
  return graph;
}

}  // namespace leat::actors
