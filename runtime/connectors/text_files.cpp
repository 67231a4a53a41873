#include "runtime/connectors/text_files.hpp"

#include <memory>

#include "runtime/connectors/text_line_reader.hpp"

namespace leat {

Source<std::string> text_files(const std::vector<std::string>& paths, TextFilesOptions options) {
  proto::TextFilesConfig config;
  for (const std::string& path : paths)
    config.add_paths(path);
  config.set_split_bytes(options.split_bytes);
  return {.name = "text files",
          .kind = "text_files",
          .config = config.SerializeAsString(),
          .make_reader = [](const ReaderContext& context) {
            return std::make_unique<runtime::TextLineReader>(context.files);
          }};
}

Source<std::string> text_files(const std::string& path, TextFilesOptions options) {
  return text_files(std::vector<std::string>{path}, options);
}

}  // namespace leat
