#include "runtime/connectors/print.hpp"

#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>

namespace leat::detail {

namespace {

constexpr std::size_t kWriteBytes = std::size_t{64} << 10U;

class PrintOutput : public LineOutput {
 public:
  explicit PrintOutput(const SinkContext& context) {
    if (context.parallelism > 1)
      prefix_ = std::to_string(context.subtask + 1) + "> ";
  }

  void end_line() override {
    text_.push_back('\n');
    if (text_.size() >= kWriteBytes)
      write();
  }

  Result<void> flush() override {
    write();
    if (error_)
      return *error_;
    return {};
  }

  PreparedOutput prepare_commit(std::uint64_t /*checkpoint*/) override {
    write();
    if (error_)
      return {[error = *error_]() -> Result<void> { return error; }, {}};
    return {};
  }

 private:
  /// Whole lines in one call, which stdio does not interleave with those of other slots.
  void write() {
    if (text_.empty())
      return;
    errno = 0;
    const bool written = std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size() &&
                         std::fflush(stdout) == 0;
    if (!written)
      error_ = Error(ErrorKind::kIo, "cannot write to the standard output: " +
                                         std::generic_category().message(errno));
    text_.clear();
  }

  std::optional<Error> error_;
};

}  // namespace

std::unique_ptr<LineOutput> make_print_output(const SinkContext& context) {
  return std::make_unique<PrintOutput>(context);
}

}  // namespace leat::detail
