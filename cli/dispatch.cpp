#include "cli/dispatch.hpp"

#include <exception>
#include <utility>

#include "cli/endpoint.hpp"
#include "cli/exit_code.hpp"
#include "cli/help.hpp"
#include "cli/nearest.hpp"
#include "cli/options.hpp"

namespace leat::cli {

namespace {

constexpr std::string_view kHelpCommand = "help";

int report(const Error& error, const std::string& who, Streams& streams) {
  streams.err << who << ": " << error.message() << "\n";
  if (error.kind() == ErrorKind::kUsage)
    streams.err << "'" << (who == "leat" ? "leat help" : "leat help " + who.substr(5))
                << "' tells how it is used.\n";
  streams.err.flush();
  return exit_code(error);
}

Error unknown_command(const std::string& word) {
  std::vector<std::string_view> names{kHelpCommand};
  for (const Command& command : commands())
    names.push_back(command.name);
  return {ErrorKind::kUsage, "unknown command '" + word + "'" + suggestion(word, names)};
}

Result<int> show_help(std::span<const std::string> words, Streams& streams) {
  if (words.empty()) {
    streams.out << general_help();
    return kExitFinished;
  }
  if (words.front() == "config") {
    streams.out << config_help();
    return kExitFinished;
  }
  const Command* command = find_command(words.front());
  if (command == nullptr)
    return unknown_command(words.front());
  streams.out << command_help(*command);
  return kExitFinished;
}

/// What the options say about configuration keys.
Result<std::vector<OptionSetting>> option_settings(const Command& command,
                                                   const ParsedOptions& options) {
  std::vector<OptionSetting> settings;
  for (const OptionSpec& option : command.options) {
    if (!option.key.empty() && options.has(option.name))
      settings.push_back({option.key, option.shown(), options.value(option.name)});
  }
  if (options.has(options::kJobManager)) {
    const auto endpoint = parse_endpoint(options.value(options::kJobManager));
    if (!endpoint)
      return endpoint.error().within("-m");
    settings.push_back({keys::kJobManagerAddress, "-m", endpoint->host});
    settings.push_back({keys::kJobManagerPort, "-m", endpoint->port});
  }
  return settings;
}

Result<Configuration> configure(const Command& command, const ParsedOptions& options,
                                const std::map<std::string, std::string>& environment) {
  ConfigurationSources sources;
  if (options.has(options::kConfig))
    sources.file = options.value(options::kConfig);
  sources.environment = environment;
  sources.definitions = options.values(options::kDefine);
  sources.readers = command.reader;
  auto settings = option_settings(command, options);
  if (!settings)
    return settings.error();
  sources.options = std::move(*settings);
  return Configuration::load(sources);
}

Result<int> run_command(const Command& command, std::span<const std::string> words,
                        const std::map<std::string, std::string>& environment, Streams& streams) {
  auto line = split_command_line(words, command.options, command.operand);
  if (!line)
    return line.error();
  const auto options = ParsedOptions::parse(line->options, command.options);
  if (!options)
    return options.error();
  if (options->has(options::kHelp)) {
    streams.out << command_help(command);
    return kExitFinished;
  }
  const auto configuration = configure(command, *options, environment);
  if (!configuration)
    return configuration.error();
  auto outcome =
      command.run({*options, *configuration, line->operand.value_or(""),
                   line->directory.value_or(""), std::move(line->job_arguments), streams});
  const ConfigKey* patience = find_config_key(keys::kClientTimeout);
  const bool waited = (patience->readers & command.reader) != 0;
  if (!outcome && outcome.error().kind() == ErrorKind::kUnreachable && waited)
    streams.err << "Given up after " << configuration->text(patience->name) << " ("
                << patience->name << ").\n";
  return outcome;
}

Result<int> dispatch_words(std::span<const std::string> words,
                           const std::map<std::string, std::string>& environment, Streams& streams,
                           std::string& who) {
  if (words.empty())
    return Error(ErrorKind::kUsage, "a command is missing");
  const std::string& first = words.front();
  if (first == "--version") {
    streams.out << version_text();
    return kExitFinished;
  }
  if (first == kHelpCommand || first == "--help" || first == "-h")
    return show_help(words.subspan(1), streams);
  const Command* command = find_command(first);
  if (command == nullptr)
    return unknown_command(first);
  who += " " + first;
  return run_command(*command, words.subspan(1), environment, streams);
}

}  // namespace

int dispatch(std::span<const std::string> words,
             const std::map<std::string, std::string>& environment, Streams& streams) {
  std::string who = "leat";
  try {
    const Result<int> outcome = dispatch_words(words, environment, streams, who);
    streams.out.flush();
    return outcome ? *outcome : report(outcome.error(), who, streams);
  } catch (const std::exception& failure) {
    return report(Error(ErrorKind::kInternal, std::string("unexpected: ") + failure.what()), who,
                  streams);
  }
}

}  // namespace leat::cli
