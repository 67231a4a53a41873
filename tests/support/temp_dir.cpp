#include "tests/support/temp_dir.hpp"

#include <cstdlib>
#include <fstream>

#include "runtime/base/check.hpp"

namespace leat::test {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "leat-test-XXXXXX").string();
  LEAT_CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(const std::string& name, const std::string& content) const {
  std::ofstream(path_ / name, std::ios::binary) << content;
  return file(name);
}

}  // namespace leat::test
