#include "runtime/connectors/index_range.hpp"

#include <string>

namespace leat::runtime {

Result<IndexRange> decode_index_range(const proto::Split& split) {
  proto::RangeSplit range;
  if (!range.ParseFromString(split.payload()) || range.begin() > range.end())
    return Error(ErrorKind::kProtocol,
                 "generator: split " + std::to_string(split.id()) + " does not decode");
  return IndexRange{range.begin(), range.end()};
}

proto::Split encode_index_range(const IndexRange& range) {
  proto::RangeSplit encoded;
  encoded.set_begin(range.begin);
  encoded.set_end(range.end);
  proto::Split split;
  encoded.SerializeToString(split.mutable_payload());
  return split;
}

}  // namespace leat::runtime
