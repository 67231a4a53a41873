#include "cli/configuration.hpp"

#include <cctype>
#include <fstream>
#include <unistd.h>

#include "cli/config_file.hpp"
#include "cli/nearest.hpp"
#include "runtime/base/config_value.hpp"
#include "runtime/base/nearest_name.hpp"

namespace leat::cli {

namespace {

constexpr std::string_view kSystemFile = "/etc/leat/leat.conf";
constexpr std::string_view kConfDir = "LEAT_CONF_DIR";
constexpr std::string_view kPrefix = "LEAT_";
/// A variable this close to one of ours is a typing mistake; others are none of our business, for
/// platforms set LEAT_… variables too (Kubernetes for a service named leat).
constexpr std::size_t kTypingMistake = 2;

Error usage(std::string message) {
  return {ErrorKind::kUsage, std::move(message)};
}

struct FileChoice {
  std::string path;
  bool must_exist;
};

FileChoice choose_file(const ConfigurationSources& sources) {
  if (sources.file)
    return {*sources.file, true};
  const auto directory = sources.environment.find(std::string(kConfDir));
  if (directory != sources.environment.end() && !directory->second.empty())
    return {directory->second + "/leat.conf", true};
  return {std::string(kSystemFile), false};
}

std::string unknown_key(std::string_view name) {
  const auto names = config_key_names();
  const Nearest found = nearest(name, names);
  return "unknown key '" + std::string(name) + "'; the nearest known one is '" +
         std::string(found.word) + "' ('leat help config' lists all)";
}

Result<void> check_foreign_variable(
    const std::string& name, const std::map<std::string, std::string_view>& keys_by_variable) {
  for (const auto& [variable, key] : keys_by_variable) {
    if (edit_distance(name, variable) <= kTypingMistake)
      return usage(std::string("environment variable ")
                       .append(name)
                       .append(" is no setting of Leat; did you mean ")
                       .append(variable)
                       .append("?"));
  }
  return {};
}

const ConfigKey& known(std::string_view name) {
  const ConfigKey* key = find_config_key(name);
  LEAT_CHECK(key != nullptr);
  return *key;
}

}  // namespace

Result<Configuration> Configuration::load(const ConfigurationSources& sources) {
  Configuration configuration;
  if (const auto read = configuration.read_file(sources); !read)
    return read.error();
  if (const auto read = configuration.read_environment(sources.environment); !read)
    return read.error();
  if (const auto read = configuration.read_definitions(sources); !read)
    return read.error();
  for (const OptionSetting& option : sources.options) {
    if (const auto done = configuration.set(option.key, option.value, option.option); !done)
      return done.error();
  }
  return configuration;
}

Result<void> Configuration::read_file(const ConfigurationSources& sources) {
  const FileChoice choice = choose_file(sources);
  std::ifstream in(choice.path);
  if (!in) {
    if (!choice.must_exist)
      return {};
    return usage("the configuration file " + choice.path + " cannot be read; " +
                 (sources.file ? "--config" : std::string(kConfDir)) + " asks for it");
  }
  const auto lines = read_config(in, choice.path);
  if (!lines)
    return lines.error();
  for (const ConfigLine& line : *lines) {
    const std::string place = choice.path + ", line " + std::to_string(line.line);
    if (const auto done = set(line.key, line.value, place); !done)
      return done.error();
  }
  return {};
}

Result<void> Configuration::read_environment(
    const std::map<std::string, std::string>& environment) {
  std::map<std::string, std::string_view> keys_by_variable;
  for (const ConfigKey& key : config_keys())
    keys_by_variable.emplace(environment_name(key.name), key.name);
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || name == kConfDir)
      continue;
    const auto found = keys_by_variable.find(name);
    if (found == keys_by_variable.end()) {
      if (const auto checked = check_foreign_variable(name, keys_by_variable); !checked)
        return checked.error();
      continue;
    }
    if (const auto done = set(found->second, value, "environment variable " + name); !done)
      return done.error();
  }
  return {};
}

Result<void> Configuration::read_definitions(const ConfigurationSources& sources) {
  for (const std::string& definition : sources.definitions) {
    const auto equals = definition.find('=');
    if (equals == std::string::npos)
      return usage("-D " + definition + " is not of the form -D key=value");
    const std::string name(trim(std::string_view(definition).substr(0, equals)));
    const std::string value(trim(std::string_view(definition).substr(equals + 1)));
    const ConfigKey* key = find_config_key(name);
    if (key != nullptr && (key->readers & sources.readers) == 0)
      return usage("-D " + name + ": not read by this command, but by: leat " + readers_text(*key));
    if (const auto done = set(name, value, "-D"); !done)
      return done.error();
  }
  return {};
}

Result<void> Configuration::set(std::string_view name, const std::string& value,
                                const std::string& origin) {
  const ConfigKey* key = find_config_key(name);
  if (key == nullptr)
    return usage(origin + ": " + unknown_key(name));
  if (const auto checked = check_config_value(*key, value); !checked) {
    // An option names itself; elsewhere the key must be said too.
    const bool is_option = origin.starts_with('-') && origin != "-D";
    return checked.error().within(is_option ? origin : origin + ": " + std::string(name));
  }
  settings_.insert_or_assign(std::string(name), Setting{value, origin});
  return {};
}

std::string Configuration::text(std::string_view key) const {
  const ConfigKey& entry = known(key);
  const auto found = settings_.find(key);
  return found == settings_.end() ? std::string(entry.default_text) : found->second.value;
}

std::uint64_t Configuration::integer(std::string_view key) const {
  LEAT_CHECK(known(key).type == ValueType::kInteger);
  return parse_integer(text(key)).value();
}

std::uint64_t Configuration::bytes(std::string_view key) const {
  LEAT_CHECK(known(key).type == ValueType::kBytes);
  return parse_bytes(text(key)).value();
}

Duration Configuration::duration(std::string_view key) const {
  LEAT_CHECK(known(key).type == ValueType::kDuration);
  return parse_duration(text(key)).value();
}

std::string Configuration::origin(std::string_view key) const {
  const auto found = settings_.find(key);
  return found == settings_.end() ? "the default" : found->second.origin;
}

std::map<std::string, std::string> Configuration::set_for(Reader reader) const {
  std::map<std::string, std::string> result;
  for (const auto& [name, setting] : settings_) {
    if ((known(name).readers & reader) != 0)
      result.emplace(name, setting.value);
  }
  return result;
}

std::string environment_name(std::string_view key) {
  std::string name(kPrefix);
  for (const char c : key)
    name += std::isalnum(static_cast<unsigned char>(c)) != 0
                ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                : '_';
  return name;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      result.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

}  // namespace leat::cli
