#pragma once

// Writes a loop's result as key<TAB>value lines through one large buffer.
// Any thread; one instance per file.
// Invariant: what add() took is in the file after close(); failures throw std::system_error.

#include <cstdint>
#include <string>
#include <string_view>

namespace leat::bench {

class ResultWriter {
 public:
  explicit ResultWriter(const std::string& path);
  ResultWriter(const ResultWriter&) = delete;
  ResultWriter& operator=(const ResultWriter&) = delete;
  ~ResultWriter();

  void add(std::string_view key, std::uint64_t value);
  void add(std::int64_t key, std::int64_t value);
  void close();

 private:
  template <class Number>
  void append(Number number);
  void end_line();
  void flush();

  std::string path_;
  std::string buffer_;
  int descriptor_ = -1;
};

}  // namespace leat::bench
