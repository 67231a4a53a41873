#pragma once

// A relative path among a job's arguments means something else to each process of a cluster: the most
// likely reason why a job that ran in one process does not on a cluster.

#include <span>
#include <string>

namespace leat::cli {

/// A sentence naming the first argument that is a relative path to something that exists here, and its
/// absolute form; empty if there is none.
[[nodiscard]] std::string relative_path_hint(std::span<const std::string> job_arguments);

}  // namespace leat::cli
