#include "runtime/checkpointing/base_segments.hpp"

#include <cstdint>

namespace leat::runtime {

namespace {

SegmentId id_of(const proto::SegmentSnapshot& segment) {
  return {static_cast<std::uint8_t>(segment.depth()), segment.prefix()};
}

}  // namespace

const proto::SegmentSnapshot* BaseSegments::find(const std::string& uid,
                                                 const proto::SegmentSnapshot& segment) {
  if (!indexed_)
    index();
  const auto of_operator = segments_.find(uid);
  if (of_operator == segments_.end())
    return nullptr;
  const auto found = of_operator->second.find(id_of(segment));
  return found == of_operator->second.end() ? nullptr : found->second;
}

void BaseSegments::index() {
  indexed_ = true;
  if (!manifest_)
    return;
  for (const proto::KeyedStateSnapshot& keyed : manifest_->keyed()) {
    auto& segments = segments_[keyed.uid()];
    segments.reserve(static_cast<std::size_t>(keyed.segments_size()));
    for (const proto::SegmentSnapshot& segment : keyed.segments())
      segments.emplace(id_of(segment), &segment);
  }
}

}  // namespace leat::runtime
