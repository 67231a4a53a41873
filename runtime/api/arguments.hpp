#pragma once

// A job's arguments, as given after the job object: `--name value …`, `--name=value` or a bare
// `--flag`. A job asks for what it knows; whatever it never asked for is an error in words.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// A missing, malformed or unknown argument; the message is for the person who typed it.
class ArgumentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Arguments {
 public:
  explicit Arguments(const std::vector<std::string>& words);

  /// The one value of `--name`; throws ArgumentError if it is missing, empty or given twice.
  [[nodiscard]] std::string required(const std::string& name) const;
  [[nodiscard]] std::optional<std::string> optional(const std::string& name) const;
  /// One or more values: `--name a b c`, or repeated.
  [[nodiscard]] std::vector<std::string> required_list(const std::string& name) const;
  /// A whole number ≥ 0.
  [[nodiscard]] std::uint64_t required_number(const std::string& name) const;
  [[nodiscard]] std::optional<std::uint64_t> optional_number(const std::string& name) const;
  /// True if the bare `--name` was given.
  [[nodiscard]] bool flag(const std::string& name) const;

  /// Throws ArgumentError if an argument was given that none of the calls above asked for.
  void refuse_unknown() const;

 private:
  const std::vector<std::string>* find(const std::string& name) const;

  std::map<std::string, std::vector<std::string>> values_;
  mutable std::set<std::string> asked_;
};

}  // namespace leat
