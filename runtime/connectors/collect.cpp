#include "runtime/connectors/collect.hpp"

namespace leat::detail {

namespace {

/// A batch is sent when it holds this much text.
constexpr std::size_t kBatchBytes = std::size_t{64} << 10U;
/// What a row costs beside its text, so that empty rows are bounded too.
constexpr std::size_t kRowBytes = 16;

class CollectOutput : public LineOutput {
 public:
  explicit CollectOutput(RowChannel& channel) : channel_(channel) {}

  void end_line() override {
    const std::size_t bytes = text_.size() + kRowBytes;
    if (!rows_.empty() && bytes_ + bytes > kBatchBytes)
      send();
    rows_.push_back(std::move(text_));
    text_.clear();
    bytes_ += bytes;
    if (bytes_ >= kBatchBytes)
      send();
  }

  [[nodiscard]] bool ready() const override { return channel_.has_room(); }

  Result<void> flush() override {
    if (channel_.has_room())
      send();
    return {};
  }

  /// Rows go to the JobManager as they come; it releases them with the checkpoint.
  PreparedOutput prepare_commit(std::uint64_t /*checkpoint*/) override {
    send();
    return {};
  }

 private:
  void send() {
    if (rows_.empty())
      return;
    channel_.send(std::move(rows_));
    rows_.clear();
    bytes_ = 0;
  }

  RowChannel& channel_;
  std::vector<std::string> rows_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<LineOutput> make_collect_output(const SinkContext& context) {
  return std::make_unique<CollectOutput>(context.rows);
}

}  // namespace leat::detail
