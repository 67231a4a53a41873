#pragma once

// One option of a command, as data: parsing, splitting and the help text all read the same table.

#include <span>
#include <string>
#include <string_view>

namespace leat::cli {

struct OptionSpec {
  std::string_view name;   ///< without dashes: "parallelism"
  char letter = '\0';      ///< 'p', or 0 for none
  std::string_view value;  ///< what it takes, for the help: "N"; empty for a switch
  std::string_view help;
  std::string_view key = {};  ///< the configuration key that it sets, if it sets one
  bool repeatable = false;

  [[nodiscard]] bool takes_value() const { return !value.empty(); }
  /// As people know it: "-p" where there is a letter, else "--slots".
  [[nodiscard]] std::string shown() const {
    return letter != '\0' ? std::string{'-', letter} : "--" + std::string(name);
  }
};

/// Null if there is none.
[[nodiscard]] const OptionSpec* find_option(std::span<const OptionSpec> options,
                                            std::string_view name);
[[nodiscard]] const OptionSpec* find_option(std::span<const OptionSpec> options, char letter);

}  // namespace leat::cli
