#include "tests/integration/texts.hpp"

#include <algorithm>
#include <filesystem>
#include <random>

#include "runtime/base/check.hpp"

namespace leat::test {

namespace {

constexpr std::size_t kLongLine = 10'000'000;
constexpr const char* kLicenses = "/usr/share/common-licenses";

std::string long_line() {
  std::string line;
  line.reserve(kLongLine + 16);
  for (std::size_t i = 0; line.size() < kLongLine; ++i)
    line += "word" + std::to_string(i % 997) + " ";
  return "before\n" + line + "\nafter\n";
}

/// Every byte value, in no order; most sequences are no UTF-8.
std::string random_bytes() {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> byte(0, 255);
  std::string bytes(200'000, '\0');
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(byte(random)); });
  return bytes;
}

/// What a job reads of a directory: regular files that are not hidden.
std::vector<std::string> regular_files(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const bool hidden = entry.path().filename().string().starts_with('.');
    if (!hidden && !entry.is_symlink() && entry.is_regular_file())
      files.push_back(entry.path().string());
  }
  return files;
}

}  // namespace

void Texts::write_directory() const {
  std::filesystem::create_directories(directory_.path() / "directory" / "below");
  directory_.write("no_last_newline", "no last newline");
  directory_.write("directory/a", "one two\nthree");
  directory_.write("directory/b", "two three\r\nfour\n");
  directory_.write("directory/c", "");
  directory_.write("directory/.hidden", "unseen\n");
  directory_.write("directory/below/d", "unread\n");
  std::filesystem::create_symlink(directory_.path() / "no_last_newline",
                                  directory_.path() / "directory" / "link");
}

/// Only what is asked for: each test is a process, and some texts take a while to make.
void Texts::write(const std::string& name) const {
  if (name == "empty")
    directory_.write(name, "");
  else if (name == "no_last_newline")
    directory_.write(name, "To be, or not to be\nthat is the question");
  else if (name == "long_line")
    directory_.write(name, long_line());
  else if (name == "random_bytes")
    directory_.write(name, random_bytes());
  else if (name != "licenses")
    write_directory();
}

Text Texts::get(const std::string& name) const {
  write(name);
  const auto files_of = [](const std::string& path) {
    return Text{"", {path}, regular_files(path)};
  };
  Text text;
  if (name == "licenses")
    text = files_of(kLicenses);
  else if (name == "directory")
    text = files_of(directory_.file(name));
  else if (name == "several_files")
    text = {"", {directory_.file("no_last_newline"), directory_.file("directory/a")}, {}};
  else
    text = {"", {directory_.file(name)}, {}};
  if (text.files.empty())
    text.files = text.input;
  text.name = name;
  LEAT_CHECK(std::filesystem::exists(text.input.front()));
  return text;
}

std::vector<std::string> Texts::names() {
  return {"empty",     "no_last_newline", "long_line", "random_bytes",
          "directory", "several_files",   "licenses"};
}

}  // namespace leat::test
