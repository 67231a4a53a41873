#pragma once

// The settings in force: built-in defaults < leat.conf < LEAT_… environment < -D < options. Every
// value has been checked when load() returns, so the getters cannot fail. Immutable.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/config_keys.hpp"
#include "runtime/base/engine_time.hpp"
#include "runtime/base/result.hpp"

namespace leat::cli {

/// A key set by an option of its own, such as `-p`.
struct OptionSetting {
  std::string_view key;
  std::string option;  ///< as typed by people: "-p"
  std::string value;
};

struct ConfigurationSources {
  std::optional<std::string> file;                 ///< --config
  std::map<std::string, std::string> environment;  ///< all of it; the LEAT_… part is used
  std::vector<std::string> definitions;            ///< of -D: "key=value"
  std::vector<OptionSetting> options;
  unsigned readers = 0;  ///< what the command is: -D of a key that it does not read is an error
};

class Configuration {
 public:
  static Result<Configuration> load(const ConfigurationSources& sources);

  // Precondition of the getters: the key is in the table, with that type.
  [[nodiscard]] std::uint64_t integer(std::string_view key) const;
  [[nodiscard]] std::uint64_t bytes(std::string_view key) const;
  [[nodiscard]] Duration duration(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;

  /// True if somebody set it: file, environment or command line.
  [[nodiscard]] bool is_set(std::string_view key) const { return settings_.contains(key); }
  /// Where its value comes from, for messages: "-p", "leat.conf, line 3", "the default".
  [[nodiscard]] std::string origin(std::string_view key) const;
  /// The keys for this reader that somebody set: what travels with a submission.
  [[nodiscard]] std::map<std::string, std::string> set_for(Reader reader) const;

 private:
  struct Setting {
    std::string value;
    std::string origin;
  };

  Result<void> read_file(const ConfigurationSources& sources);
  Result<void> read_environment(const std::map<std::string, std::string>& environment);
  Result<void> read_definitions(const ConfigurationSources& sources);
  /// Replaces what an earlier source set.
  Result<void> set(std::string_view name, const std::string& value, const std::string& origin);

  std::map<std::string, Setting, std::less<>> settings_;
};

/// "parallelism.default" is LEAT_PARALLELISM_DEFAULT.
[[nodiscard]] std::string environment_name(std::string_view key);

/// The process's environment.
[[nodiscard]] std::map<std::string, std::string> process_environment();

}  // namespace leat::cli
