#pragma once

// A subcommand as data: what the dispatcher, the help text and docs/cli.md say of it.

#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/configuration.hpp"
#include "cli/option_spec.hpp"
#include "cli/parsed_options.hpp"
#include "runtime/base/result.hpp"

namespace leat::cli {

/// Results go to `out`, all else to `err`.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool live;  ///< `err` is a terminal: one line may be rewritten
};

/// A command as typed, split, parsed and checked.
struct Invocation {
  const ParsedOptions& options;
  const Configuration& configuration;
  std::string operand;
  std::string directory;  ///< the second operand, of commands that have one
  std::vector<std::string> job_arguments;
  Streams& streams;
};

struct Command {
  std::string_view name;
  std::string_view arguments;  ///< what follows the options in the usage line
  std::string_view summary;    ///< one line in `leat help`
  std::string_view description;
  std::string_view example;
  std::span<const OptionSpec> options;
  Operand operand;
  Reader reader;
  /// Returns the exit code; an Error is printed by the dispatcher and becomes one.
  Result<int> (*run)(const Invocation&);
};

/// All but `help`, in the order of the help text.
[[nodiscard]] std::span<const Command> commands();
/// Null if there is none.
[[nodiscard]] const Command* find_command(std::string_view name);

}  // namespace leat::cli
