#pragma once

// Inputs of the word count tests: ordinary text and the kinds that trip readers up.

#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace leat::test {

struct Text {
  std::string name;
  std::vector<std::string> input;  ///< values of --input
  std::vector<std::string> files;  ///< what is to be counted
};

class Texts {
 public:
  [[nodiscard]] Text get(const std::string& name) const;
  /// All that get() knows.
  static std::vector<std::string> names();

 private:
  void write(const std::string& name) const;
  void write_directory() const;

  TempDir directory_;
};

}  // namespace leat::test
