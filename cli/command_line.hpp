#pragma once

// Splits a command's words into Leat's options, the operand, and what belongs to the job. Splitting
// comes before parsing: an option parser would take the job's `-p` for its own.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/option_spec.hpp"
#include "runtime/base/result.hpp"

namespace leat::cli {

/// What a command takes besides options.
enum class Operand {
  kNone,
  kJobId,  ///< options may stand on both sides of it
  kJobIdAndDirectory,
  kObject,  ///< a job object: all that follows is the job's, untouched
};

struct CommandLine {
  std::vector<std::string> options;  ///< Leat's, each known: `--name` or `--name=value`
  std::optional<std::string> operand;
  std::optional<std::string> directory;  ///< of kJobIdAndDirectory
  std::vector<std::string> job_arguments;
};

/// Fails in words for an unknown option (naming the nearest), a missing value or operand, and a word
/// too many. `--` ends Leat's options. With `--help` among the options, no operand is needed.
Result<CommandLine> split_command_line(std::span<const std::string> words,
                                       std::span<const OptionSpec> known, Operand operand);

}  // namespace leat::cli
