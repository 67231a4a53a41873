#include "runtime/connectors/text_directory.hpp"

#include <optional>
#include <span>

#include "runtime/base/mutation.hpp"
#include "runtime/connectors/part_names.hpp"

namespace leat::detail {

namespace {

constexpr std::size_t kAppendBytes = std::size_t{256} << 10U;

/// What the blocking end of a file needs; it may outlive the writer when the attempt is aborted.
struct FileEnd {
  FileSystem& files;
  std::unique_ptr<WritableFile> file;
  std::string directory;
  std::string last_bytes;

  Result<void> make_durable() {
    if (auto written = file->append(last_bytes); !written)
      return written;
    if (auto synced = LEAT_MUTATION(output_not_synced) ? Result<void>() : file->sync(); !synced)
      return synced;
    if (auto closed = file->close(); !closed)
      return closed;
    return files.sync_directory(directory);
  }
};

class TextDirectoryOutput : public LineOutput {
 public:
  TextDirectoryOutput(const SinkContext& context, std::string directory)
      : files_(context.files),
        directory_(std::move(directory)),
        sink_uid_(context.sink_uid),
        part_{context.job, sink_uid_, context.subtask, context.attempt} {}

  void end_line() override {
    text_.push_back('\n');
    if (pending_path_.empty()) [[unlikely]]
      create();
    if (text_.size() >= kAppendBytes) [[unlikely]]
      append();
  }

  Result<void> flush() override {
    if (error_)
      return *error_;
    return {};
  }

  PreparedOutput prepare_commit(std::uint64_t checkpoint) override {
    if (error_)
      return {[error = *error_]() -> Result<void> { return error; }, {}};
    if (!file_)
      return {};
    auto end = std::make_shared<FileEnd>(
        FileEnd{files_, std::move(file_), directory_, std::exchange(text_, {})});
    return {[end] { return end->make_durable(); }, {hand_over(checkpoint)}};
  }

  void abort() override {
    // What is left after a failure here is removed with the attempt's other output.
    if (!pending_path_.empty())
      static_cast<void>(files_.remove(pending_path_));
    file_.reset();
  }

 private:
  void create() {
    pending_path_ = runtime::path_in(directory_, runtime::pending_part_name(part_, next_file_++));
    auto file = files_.create(pending_path_);
    if (file)
      file_ = std::move(*file);
    else
      fail(file.error());
  }

  /// The file belongs to whoever commits it; the next line begins another one.
  proto::Committable hand_over(std::uint64_t checkpoint) {
    proto::FileCommit commit;
    commit.set_pending_path(std::exchange(pending_path_, {}));
    commit.set_final_path(
        runtime::path_in(directory_, runtime::final_part_name(part_.subtask, checkpoint)));
    proto::Committable committable;
    committable.set_sink_uid(sink_uid_);
    committable.set_kind("text_directory");
    commit.SerializeToString(committable.mutable_handle());
    return committable;
  }

  void append() {
    if (file_)
      if (auto written = file_->append(text_); !written)
        fail(written.error());
    text_.clear();
  }

  /// Further lines are dropped: the attempt ends at the next flush().
  void fail(const Error& error) {
    error_ = error;
    file_.reset();
  }

  FileSystem& files_;
  std::string directory_;
  std::string sink_uid_;
  runtime::PartWriter part_;
  std::uint64_t next_file_ = 0;
  std::string pending_path_;  ///< of the file being written; empty: none yet
  std::unique_ptr<WritableFile> file_;
  std::optional<Error> error_;
};

}  // namespace

std::unique_ptr<LineOutput> make_text_directory_output(const SinkContext& context,
                                                       const std::string& directory) {
  return std::make_unique<TextDirectoryOutput>(context, directory);
}

}  // namespace leat::detail
