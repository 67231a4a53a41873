#pragma once

// leat.conf: `key = value` lines, `#` comments, blank lines.

#include <istream>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"

namespace leat::cli {

struct ConfigLine {
  std::string key;
  std::string value;
  std::size_t line = 0;  ///< from 1
};

/// Reads lines only: whether keys are known and values right is the configuration's business. Fails,
/// naming `path` and the line, for a line without `=` and for a key that stands twice.
Result<std::vector<ConfigLine>> read_config(std::istream& in, const std::string& path);

}  // namespace leat::cli
