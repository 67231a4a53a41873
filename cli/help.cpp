#include "cli/help.hpp"

#include <algorithm>

#include "cli/config_keys.hpp"

namespace leat::cli {

namespace {

constexpr std::size_t kLineWidth = 96;

std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  result.resize(std::max(width, text.size()), ' ');
  return result;
}

/// Breaks `text` at blanks so that it fits between `indent` and the line width.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column > indent && column + word.size() + 1 > kLineWidth) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result;
}

std::string option_left(const OptionSpec& option) {
  std::string left = option.letter != '\0' ? std::string{'-', option.letter} + ", " : "    ";
  left += "--" + std::string(option.name);
  if (option.takes_value())
    left += " " + std::string(option.value);
  return left;
}

}  // namespace

std::string general_help() {
  std::string text =
      "Leat runs stream and batch jobs, in one process or on a cluster.\n\n"
      "Usage: leat COMMAND [OPTIONS] ...\n\nCommands:\n";
  for (const Command& command : commands())
    text += "  " + padded(command.name, 13) + std::string(command.summary) + "\n";
  text += "  " + padded("help", 13) + "explain a command, or the configuration keys\n";
  text +=
      "\n'leat help COMMAND' lists a command's options, 'leat help config' the configuration "
      "keys,\n"
      "'leat --version' tells the version.\n\n"
      "Exit codes: 0 finished, 1 failed, 2 wrong usage or input, 3 no JobManager reached,\n"
      "130 cancelled.\n\n"
      "Example:\n  leat local word_count.so --input /usr/share/common-licenses --output counts/\n";
  return text;
}

std::string command_help(const Command& command) {
  std::string text = "Usage: leat " + std::string(command.name) + " [OPTIONS]";
  if (!command.arguments.empty())
    text += " " + std::string(command.arguments);
  text += "\n\n" + std::string(command.description) + "\n\nOptions:\n";
  std::size_t width = 0;
  for (const OptionSpec& option : command.options)
    width = std::max(width, option_left(option).size());
  for (const OptionSpec& option : command.options)
    text += "  " + padded(option_left(option), width + 2) + wrapped(option.help, width + 4) + "\n";
  if (command.operand == Operand::kObject)
    text += "\nOptions end at the job object: what follows it is the job's.\n";
  text += "\nExample:\n  " + std::string(command.example) + "\n";
  return text;
}

std::string config_help() {
  std::string text =
      "Configuration keys, as lines 'key = value' in leat.conf (--config FILE, else\n"
      "$LEAT_CONF_DIR/leat.conf, else /etc/leat/leat.conf). An environment variable comes before\n"
      "the file (LEAT_PARALLELISM_DEFAULT=2), -D key=value before that, an option before all.\n"
      "Times are written with their unit (500 ms, 3 s, 10 min, 1 h), sizes as 32 kb, 8 mb, 1 gb.\n";
  for (const ConfigKey& key : config_keys()) {
    text += "\n" + std::string(key.name) + "\n";
    text += "    " + wrapped(key.description, 4) + "\n";
    text += "    Value: " + values_text(key) + ". Default: " + std::string(default_text(key)) +
            ". Read by: " + readers_text(key) + ".\n";
  }
  return text;
}

std::string version_text() {
  return "leat " LEAT_VERSION "\n";
}

}  // namespace leat::cli
