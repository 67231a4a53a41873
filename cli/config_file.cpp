#include "cli/config_file.hpp"

#include <map>

#include "runtime/base/config_value.hpp"

namespace leat::cli {

namespace {

Error at(const std::string& path, std::size_t line, const std::string& message) {
  return {ErrorKind::kUsage, path + ", line " + std::to_string(line) + ": " + message};
}

/// A `#` begins a comment at the start of a line or after a blank: values may hold one inside.
std::string_view without_comment(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t'))
      return line.substr(0, i);
  }
  return line;
}

}  // namespace

Result<std::vector<ConfigLine>> read_config(std::istream& in, const std::string& path) {
  std::vector<ConfigLine> lines;
  std::map<std::string, std::size_t> seen;
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    const std::string_view line = trim(without_comment(text));
    if (line.empty())
      continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || trim(line.substr(0, equals)).empty())
      return at(path, number, "'" + std::string(line) + "' is not of the form 'key = value'");
    const std::string key(trim(line.substr(0, equals)));
    const auto [first, is_new] = seen.emplace(key, number);
    if (!is_new)
      return at(path, number,
                "'" + key + "' stands in line " + std::to_string(first->second) +
                    " already; keep one of the two");
    lines.push_back({key, std::string(trim(line.substr(equals + 1))), number});
  }
  if (in.bad())
    return Error(ErrorKind::kUsage, path + " cannot be read to its end");
  return lines;
}

}  // namespace leat::cli
