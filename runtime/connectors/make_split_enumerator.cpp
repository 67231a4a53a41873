#include "runtime/connectors/make_split_enumerator.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/quote_name.hpp"
#include "runtime/connectors/range_split_enumerator.hpp"
#include "runtime/connectors/single_split_enumerator.hpp"
#include "runtime/connectors/text_file_listing.hpp"
#include "runtime/connectors/text_split_enumerator.hpp"

namespace leat::runtime {

namespace {

using Made = Result<std::unique_ptr<SplitEnumerator>>;

Error undecodable(const proto::SourceSpec& source) {
  return Error(ErrorKind::kProtocol, "the configuration of source " + quote_name(source.uid()) +
                                         " (" + source.kind() + ") does not decode");
}

Made make_text(FileSystem& files, const proto::SourceSpec& source, std::uint32_t parallelism,
               Listing listing) {
  proto::TextFilesConfig config;
  if (!config.ParseFromString(source.config()))
    return undecodable(source);
  if (listing == Listing::kRestored)
    return Made(std::make_unique<TextSplitEnumerator>(std::vector<ListedFile>(),
                                                      config.split_bytes(), parallelism));
  auto listed = list_text_files(files, {config.paths().begin(), config.paths().end()});
  if (!listed)
    return listed.error();
  return Made(
      std::make_unique<TextSplitEnumerator>(std::move(*listed), config.split_bytes(), parallelism));
}

Made make_range(const proto::SourceSpec& source, std::uint32_t parallelism) {
  proto::RangeConfig config;
  if (!config.ParseFromString(source.config()))
    return undecodable(source);
  if (!std::isfinite(config.rate()) || config.rate() < 0)
    return Error(ErrorKind::kInput,
                 "source " + quote_name(source.uid()) +
                     ": the rate must be a number of records per second above 0");
  return Made(std::make_unique<RangeSplitEnumerator>(config, parallelism));
}

}  // namespace

Made make_split_enumerator(FileSystem& files, const proto::SourceSpec& source,
                           std::uint32_t parallelism, Listing listing) {
  if (source.kind() == "text_files")
    return make_text(files, source, parallelism, listing);
  if (source.kind() == "range")
    return make_range(source, parallelism);
  if (source.kind() == "single")
    return Made(std::make_unique<SingleSplitEnumerator>());
  return Error(ErrorKind::kProtocol,
               "source " + quote_name(source.uid()) + " is of kind " + quote_name(source.kind()) +
                   ", which this JobManager does not know: run the same version everywhere");
}

}  // namespace leat::runtime
