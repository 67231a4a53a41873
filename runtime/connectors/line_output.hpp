#pragma once

// A sink of lines that does not know the record type: the file, the terminal or the client behind a
// LineSinkWriter. Runs on the slot's thread.

#include <string>

#include "runtime/connectors/sink.hpp"

namespace leat {

class LineOutput : public AnySinkWriter {
 public:
  /// Where the next line is appended; what stands there already is not the caller's.
  std::string& begin_line() {
    text_.append(prefix_);
    return text_;
  }
  /// Keeps an error until flush().
  virtual void end_line() = 0;

 protected:
  std::string text_;
  std::string prefix_;
};

}  // namespace leat
