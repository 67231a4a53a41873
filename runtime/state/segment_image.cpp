#include "runtime/state/segment_image.hpp"

#include <string>

#include "runtime/base/check.hpp"

namespace leat::runtime {
namespace {

std::uint8_t code_of(SegmentContent content) {
  LEAT_CHECK(content != SegmentContent::kUnchanged);
  return content == SegmentContent::kWhole ? 0 : 1;
}

}  // namespace

void put_image_head(ByteWriter& out, SegmentContent content, std::size_t entries) {
  char* next = out.reserve(2 + kMaxVarintBytes);
  *next++ = static_cast<char>(kSegmentImageVersion);
  *next++ = static_cast<char>(code_of(content));
  out.commit(put_varint(next, entries));
}

void put_image_count(ByteWriter& out, std::size_t count) {
  out.commit(put_varint(out.reserve(kMaxVarintBytes), count));
}

Result<std::size_t> SegmentImageReader::head(SegmentContent expected) {
  std::uint8_t version = 0;
  std::uint8_t code = 0;
  if (!in.read_fixed(version) || !in.read_fixed(code))
    return damaged("it is cut off");
  if (version != kSegmentImageVersion)
    return damaged("its format is version " + std::to_string(version) + ", this build reads " +
                   std::to_string(kSegmentImageVersion));
  if (code != code_of(expected))
    return damaged(expected == SegmentContent::kWhole ? "a delta stands where an image must"
                                                      : "an image stands where a delta must");
  return count();
}

Result<std::size_t> SegmentImageReader::count() {
  std::uint64_t count = 0;
  if (!in.read_varint(count))
    return damaged("it is cut off");
  if (count > in.remaining() && count != 1)  // a single entry may be empty
    return damaged("it announces " + std::to_string(count) + " entries in " +
                   std::to_string(in.remaining()) + " bytes");
  return static_cast<std::size_t>(count);
}

Result<void> SegmentImageReader::end() const {
  if (!in.empty())
    return damaged(std::to_string(in.remaining()) + " bytes too many");
  return {};
}

Error SegmentImageReader::damaged(std::string_view what) const {
  return Error(ErrorKind::kProtocol, "state segment " + std::to_string(id_.depth) + "/" +
                                         std::to_string(id_.prefix) +
                                         " of the snapshot is damaged: " + std::string(what));
}

}  // namespace leat::runtime
