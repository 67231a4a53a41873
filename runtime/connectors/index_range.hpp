#pragma once

// What a split of kind "range" says.

#include <cstdint>

#include "runtime/base/result.hpp"
#include "serialization/proto/plan.pb.h"

namespace leat::runtime {

struct IndexRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<IndexRange> decode_index_range(const proto::Split& split);
[[nodiscard]] proto::Split encode_index_range(const IndexRange& range);

}  // namespace leat::runtime
