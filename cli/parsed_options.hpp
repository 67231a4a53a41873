#pragma once

// The options of one command after parsing, still as text.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_spec.hpp"
#include "runtime/base/result.hpp"

namespace leat::cli {

class ParsedOptions {
 public:
  /// `words` come from split_command_line(), so each option is known and has its value.
  static Result<ParsedOptions> parse(const std::vector<std::string>& words,
                                     std::span<const OptionSpec> known);

  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  /// The value of an option that is given at most once; `fallback` if it is not given.
  [[nodiscard]] std::string value(std::string_view name, std::string_view fallback = {}) const;
  /// All values of a repeatable option, in order.
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace leat::cli
