#include "tests/integration/oracle.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <sstream>

#include "tests/integration/process.hpp"

namespace leat::test {

std::string words_by_coreutils(const std::vector<std::string>& files) {
  // A file's last line may lack its newline, which must not glue two words together.
  return shell(
      "export LC_ALL=C; for file; do cat \"$file\"; echo; done | tr A-Z a-z | "
      "tr -cs a-z0-9_ '\\n' | { grep . || true; } | sort | uniq -c | "
      "awk '{print $2 \"\\t\" $1}' | sort",
      files);
}

std::string last_counts(const std::string& rows) {
  std::map<std::string, std::uint64_t> counts;
  std::istringstream in(rows);
  for (std::string line; std::getline(in, line);) {
    const auto tab = line.find('\t');
    auto& count = counts[line.substr(0, tab)];
    count = std::max<std::uint64_t>(count, std::stoull(line.substr(tab + 1)));
  }
  std::string text;
  for (const auto& [word, count] : counts)
    text += word + "\t" + std::to_string(count) + "\n";
  return sorted_lines(text);
}

std::string sorted_output(const std::string& directory) {
  return shell("find \"$1\" -type f ! -name '.*' -exec cat {} + | LC_ALL=C sort", {directory});
}

std::string sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line + "\n");
  std::sort(lines.begin(), lines.end());
  return std::accumulate(lines.begin(), lines.end(), std::string());
}

std::vector<std::string> hidden_files(const std::string& directory) {
  std::vector<std::string> found;
  if (!std::filesystem::exists(directory))
    return found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with('.'))
      found.push_back(entry.path().string());
  }
  return found;
}

std::string sums_by_awk(std::uint64_t count, std::uint64_t keys) {
  return shell(
      "seq 0 $(($1 - 1)) | awk -v keys=\"$2\" '{count[$1 % keys]++; sum[$1 % keys] += $1} END "
      "{for (key in count) printf \"%d\\t%d\\t%d\\n\", key, count[key], sum[key]}' | LC_ALL=C sort",
      {std::to_string(count), std::to_string(keys)});
}

}  // namespace leat::test
