#pragma once

// Names of output files. In progress: .part-<job>-<sink uid>-<subtask>-<attempt>-<n>, so that two
// attempts running at once never meet, n counting a writer's files; committed: part-<subtask>-<checkpoint>,
// where a checkpoint's number is used once in a job's life, and a job's last files carry one that none had.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/ids.hpp"

namespace leat::runtime {

/// Whose files they are.
struct PartWriter {
  JobId job;
  std::string_view sink_uid;  ///< any text; what is unsafe in a name is replaced
  std::uint32_t subtask;
  Attempt attempt;
};

[[nodiscard]] std::string pending_part_name(const PartWriter& writer, std::uint64_t number);
[[nodiscard]] std::string final_part_name(std::uint32_t subtask, std::uint64_t checkpoint);
/// The attempt in a pending name of `job`; nothing for any other name.
[[nodiscard]] std::optional<Attempt> attempt_of_pending_part(std::string_view name,
                                                             const JobId& job);

/// Names start like this and end with the sink's uid.
[[nodiscard]] std::string nonce_prefix(const JobId& job);
/// Written by the JobManager into each output directory, looked for by every TaskManager.
[[nodiscard]] std::string nonce_name(const JobId& job, std::string_view sink_uid);

[[nodiscard]] std::string path_in(const std::string& directory, const std::string& name);

}  // namespace leat::runtime
