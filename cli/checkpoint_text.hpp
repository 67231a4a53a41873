#pragma once

// How a job's checkpoints read. Scripts look for these words: docs/cli.md lists them.

#include <string>

#include "serialization/proto/control.pb.h"

namespace leat::cli {

/// What `leat checkpoints` prints: a line per checkpoint below a heading.
[[nodiscard]] std::string checkpoint_table(const proto::CheckpointList& list);
/// An object with all figures in milliseconds and bytes.
[[nodiscard]] std::string checkpoints_json(const proto::CheckpointList& list);

}  // namespace leat::cli
