#include "cli/option_spec.hpp"

#include <algorithm>

namespace leat::cli {

const OptionSpec* find_option(std::span<const OptionSpec> options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const OptionSpec& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

const OptionSpec* find_option(std::span<const OptionSpec> options, char letter) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const OptionSpec& option) {
    return option.letter != '\0' && option.letter == letter;
  });
  return found == options.end() ? nullptr : &*found;
}

}  // namespace leat::cli
