#include "cli/path_hint.hpp"

#include <filesystem>

namespace leat::cli {

std::string relative_path_hint(std::span<const std::string> job_arguments) {
  for (const std::string& argument : job_arguments) {
    const std::size_t value = argument.starts_with("--") ? argument.find('=') + 1 : 0;
    const std::filesystem::path path = argument.substr(value);
    std::error_code failure;
    const bool exists =
        !path.empty() && path.is_relative() && std::filesystem::exists(path, failure);
    if (!exists)
      continue;
    return "'" + path.string() + "' is a relative path, which the cluster's processes look up in " +
           "their own directories; from here it is " +
           std::filesystem::absolute(path, failure).lexically_normal().string();
  }
  return "";
}

}  // namespace leat::cli
