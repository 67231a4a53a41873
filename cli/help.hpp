#pragma once

// Help texts, all made from the tables of commands, options and configuration keys.

#include <string>

#include "cli/command.hpp"

namespace leat::cli {

[[nodiscard]] std::string general_help();
[[nodiscard]] std::string command_help(const Command& command);
[[nodiscard]] std::string config_help();
[[nodiscard]] std::string version_text();

}  // namespace leat::cli
