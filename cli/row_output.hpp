#pragma once

// Rows of a job's collect sinks on their way to standard output. In batch mode they are held until the
// job is FINISHED, so that rows of an attempt that failed never show; in streaming mode they are
// printed as they come. Used from one thread.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <ostream>

#include "runtime/base/result.hpp"
#include "serialization/proto/control.pb.h"

namespace leat::cli {

class RowOutput {
 public:
  enum class Hold { kUntilFinished, kNothing };

  RowOutput(std::ostream& out, Hold hold) : out_(out), hold_(hold) {}

  /// Takes a batch in, and forgets held rows of an earlier attempt.
  Result<void> add(const proto::ResultBatch& batch);
  /// The job is FINISHED: prints what was held.
  Result<void> release();

  /// What to ask for next.
  [[nodiscard]] std::uint32_t attempt() const { return attempt_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// True if add() saw an attempt end after rows of it had been printed; asking resets it.
  [[nodiscard]] bool printed_rows_are_void();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  Result<void> start_attempt(std::uint32_t attempt);
  Result<void> hold(const std::string& row);
  Result<void> print(const char* bytes, std::size_t size);
  Result<void> flush();
  [[nodiscard]] Result<void> check_output() const;

  std::ostream& out_;
  Hold hold_;
  std::uint32_t attempt_ = 0;
  std::uint64_t offset_ = 0;
  bool void_rows_ = false;
  /// Without a name, so that it is gone with the process however that ends.
  std::unique_ptr<std::FILE, CloseFile> held_;
};

}  // namespace leat::cli
