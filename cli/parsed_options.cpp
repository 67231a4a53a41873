#include "cli/parsed_options.hpp"

#include <boost/program_options.hpp>

namespace leat::cli {

namespace po = boost::program_options;

namespace {

/// Boost's default style takes any unambiguous beginning of a name; `--out` must not become ours.
constexpr int kStyle = static_cast<int>(po::command_line_style::unix_style) &
                       ~static_cast<int>(po::command_line_style::allow_guessing) &
                       ~static_cast<int>(po::command_line_style::allow_sticky);

po::options_description describe(std::span<const OptionSpec> known) {
  po::options_description description;
  for (const OptionSpec& option : known) {
    std::string names(option.name);
    if (option.letter != '\0')
      names += std::string{',', option.letter};
    if (option.takes_value())
      description.add_options()(names.c_str(), po::value<std::vector<std::string>>());
    else
      description.add_options()(names.c_str(), "");
  }
  return description;
}

}  // namespace

Result<ParsedOptions> ParsedOptions::parse(const std::vector<std::string>& words,
                                           std::span<const OptionSpec> known) {
  ParsedOptions parsed;
  const po::options_description description = describe(known);
  try {
    const auto found = po::command_line_parser(words).options(description).style(kStyle).run();
    for (const auto& option : found.options) {
      auto& values = parsed.values_[option.string_key];
      values.insert(values.end(), option.value.begin(), option.value.end());
    }
  } catch (const po::error& failure) {
    return Error(ErrorKind::kUsage, failure.what());
  }
  for (const OptionSpec& option : known) {
    const auto given = parsed.values_.find(option.name);
    if (given != parsed.values_.end() && !option.repeatable && given->second.size() > 1)
      return Error(ErrorKind::kUsage, "'" + option.shown() + "' is given twice, as '" +
                                          given->second[0] + "' and as '" + given->second[1] +
                                          "'; give it once");
  }
  return parsed;
}

std::string ParsedOptions::value(std::string_view name, std::string_view fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::string(fallback)
                                                         : found->second.front();
}

std::vector<std::string> ParsedOptions::values(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

}  // namespace leat::cli
