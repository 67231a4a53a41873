#pragma once

// From the process's words to a command and back to an exit code: the one place that prints errors.

#include <map>
#include <span>
#include <string>

#include "cli/command.hpp"

namespace leat::cli {

/// `words`: without the program's name. Returns the exit code.
int dispatch(std::span<const std::string> words,
             const std::map<std::string, std::string>& environment, Streams& streams);

}  // namespace leat::cli
