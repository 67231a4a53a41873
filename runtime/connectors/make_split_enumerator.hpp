#pragma once

// From a plan's source to the enumerator of its kind. May list directories: blocks.

#include <memory>

#include "runtime/base/file_system.hpp"
#include "runtime/base/result.hpp"
#include "runtime/coordination/split_enumerator.hpp"

namespace leat::runtime {

enum class Listing {
  kNew,
  kRestored,  ///< comes with SplitEnumerator::restore(): inputs are not looked at
};

Result<std::unique_ptr<SplitEnumerator>> make_split_enumerator(FileSystem& files,
                                                               const proto::SourceSpec& source,
                                                               std::uint32_t parallelism,
                                                               Listing listing = Listing::kNew);

}  // namespace leat::runtime
