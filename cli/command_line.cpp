#include "cli/command_line.hpp"

#include <algorithm>

#include "cli/nearest.hpp"

namespace leat::cli {

namespace {

Error usage(std::string message) {
  return {ErrorKind::kUsage, std::move(message)};
}

Error unknown_option(std::string_view shown, std::string_view name,
                     std::span<const OptionSpec> known) {
  std::vector<std::string_view> names;
  names.reserve(known.size());
  for (const OptionSpec& option : known)
    names.push_back(option.name);
  return usage("unknown option '" + std::string(shown) + "'" + suggestion(name, names, "--"));
}

bool is_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-';
}

/// The option at the front of the words, in the one form that the parser gets: `--name=value`.
struct TakenOption {
  std::string normalised;
  std::size_t words;  ///< itself, and perhaps its value
};

/// `joined`: the value is part of the option's word.
Result<TakenOption> take_value(std::span<const std::string> words, const OptionSpec& option,
                               std::optional<std::string> joined) {
  const std::string name = "--" + std::string(option.name);
  if (!option.takes_value()) {
    if (joined)
      return usage("'" + option.shown() + "' takes no value, but '" + words.front() +
                   "' gives it one");
    return TakenOption{name, 1};
  }
  const std::size_t used = joined ? 1 : 2;
  const std::string value = joined ? *joined : words.size() < 2 ? "" : words[1];
  if (value.empty())
    return usage("'" + option.shown() + "' needs a value: " + option.shown() + " " +
                 std::string(option.value));
  return TakenOption{name + "=" + value, used};
}

Result<TakenOption> take_option(std::span<const std::string> words,
                                std::span<const OptionSpec> known) {
  const std::string& word = words.front();
  if (!word.starts_with("--")) {
    const OptionSpec* option = find_option(known, word[1]);
    if (option == nullptr)
      return unknown_option(word, word.substr(1), known);
    return take_value(words, *option,
                      word.size() > 2 ? std::optional(word.substr(2)) : std::nullopt);
  }
  const std::size_t equals = word.find('=');
  const bool joined = equals != std::string::npos;
  const std::string name = word.substr(2, joined ? equals - 2 : std::string::npos);
  const OptionSpec* option = find_option(known, name);
  if (option == nullptr)
    return unknown_option("--" + name, name, known);
  return take_value(words, *option, joined ? std::optional(word.substr(equals + 1)) : std::nullopt);
}

bool asks_for_help(const std::vector<std::string>& options) {
  return std::find(options.begin(), options.end(), "--help") != options.end();
}

Result<void> check_operand(const CommandLine& line, Operand operand) {
  if (operand == Operand::kNone || asks_for_help(line.options))
    return {};
  if (line.operand && operand == Operand::kJobIdAndDirectory && !line.directory)
    return usage("the directory is missing in which the savepoint is to be made");
  if (line.operand)
    return {};
  if (operand != Operand::kObject)
    return usage("a job id is missing; 'leat list' shows the jobs");
  return usage("the job object (a .so file) is missing");
}

}  // namespace

Result<CommandLine> split_command_line(std::span<const std::string> words,
                                       std::span<const OptionSpec> known, Operand operand) {
  CommandLine line;
  bool options_ended = false;
  while (!words.empty()) {
    const std::string& word = words.front();
    if (!options_ended && word == "--") {
      options_ended = true;
      words = words.subspan(1);
      continue;
    }
    if (!options_ended && is_option(word)) {
      const Result<TakenOption> taken = take_option(words, known);
      if (!taken)
        return taken.error();
      line.options.push_back(taken->normalised);
      words = words.subspan(taken->words);
      continue;
    }
    const bool is_directory =
        line.operand && !line.directory && operand == Operand::kJobIdAndDirectory;
    if (operand == Operand::kNone || (line.operand && !is_directory))
      return usage("'" + word + "' is one word too many");
    (is_directory ? line.directory : line.operand) = word;
    words = words.subspan(1);
    if (operand == Operand::kObject) {
      line.job_arguments.assign(words.begin(), words.end());
      break;
    }
  }
  const Result<void> complete = check_operand(line, operand);
  if (!complete)
    return complete.error();
  return line;
}

}  // namespace leat::cli
