#include "runtime/checkpointing/savepoint_directory.hpp"

#include <algorithm>
#include <tuple>

#include "serialization/crc32c.hpp"
#include "serialization/little_endian.hpp"

namespace leat {

namespace {

constexpr std::string_view kMagic = "LEATSAVE";
constexpr std::size_t kJobDigits = 6;
constexpr std::size_t kHeaderBytes = kMagic.size() + sizeof(std::uint32_t) + sizeof(std::uint64_t);
constexpr std::size_t kChecksumBytes = sizeof(std::uint32_t);

Error damaged(const std::string& path, const std::string& how) {
  return {ErrorKind::kInput, path + " is damaged: " + how +
                                 ". Copy the savepoint again from where it came, or use another"};
}

auto place_of(const runtime::StoredPiece& piece) {
  return std::make_tuple(piece.chunk, piece.offset, piece.length);
}

bool is_whole(const proto::StoredCheckpoint& manifest) {
  for (const auto& keyed : manifest.keyed())
    for (const auto& segment : keyed.segments())
      if (!runtime::is_packed(segment.chain()))
        return false;
  return true;
}

}  // namespace

std::string savepoint_name(const std::string& job_id, std::uint64_t checkpoint) {
  return "savepoint-" + job_id.substr(0, kJobDigits) + "-" + std::to_string(checkpoint);
}

std::string savepoint_file_name(std::uint64_t number) {
  return "data-" + std::to_string(number);
}

std::string encode_savepoint_metadata(const proto::StoredCheckpoint& manifest) {
  std::string bytes(kMagic);
  append_little_endian(bytes, kSavepointVersion);
  append_little_endian(bytes, static_cast<std::uint64_t>(manifest.ByteSizeLong()));
  manifest.AppendToString(&bytes);
  append_little_endian(bytes, crc32c(bytes));
  return bytes;
}

Result<proto::StoredCheckpoint> decode_savepoint_metadata(std::string_view bytes,
                                                          const std::string& path) {
  if (bytes.size() < kMagic.size() && kMagic.starts_with(bytes))
    return damaged(path, "it ends after " + std::to_string(bytes.size()) + " bytes");
  if (!bytes.starts_with(kMagic))
    return Error(ErrorKind::kInput,
                 path + " is no savepoint's metadata: name a directory that 'leat savepoint' made");
  if (bytes.size() < kHeaderBytes + kChecksumBytes)
    return damaged(path, "it ends after " + std::to_string(bytes.size()) + " bytes");
  const auto version = little_endian_at<std::uint32_t>(bytes, kMagic.size());
  const std::size_t body = bytes.size() - kChecksumBytes;
  const bool intact = crc32c(bytes.substr(0, body)) == little_endian_at<std::uint32_t>(bytes, body);
  // Another version may have its checksum elsewhere.
  if (version != kSavepointVersion)
    return Error(ErrorKind::kInput,
                 path + " has format version " + std::to_string(version) +
                     ", and this Leat reads " + std::to_string(kSavepointVersion) +
                     ": use the release that wrote it, unless the file is damaged");
  const auto length = little_endian_at<std::uint64_t>(bytes, kMagic.size() + sizeof version);
  if (length != body - kHeaderBytes)
    return damaged(path, "it has " + std::to_string(bytes.size()) + " bytes, and " +
                             std::to_string(length) + " of content are announced");
  if (!intact)
    return damaged(path, "its checksum does not fit");
  proto::StoredCheckpoint manifest;
  if (!manifest.ParseFromArray(bytes.data() + kHeaderBytes, static_cast<int>(length)))
    return damaged(path, "its content does not decode");
  if (!is_whole(manifest))
    return damaged(path, "a segment's pieces do not decode");
  return manifest;
}

std::vector<runtime::PieceRef> pieces_in_order(proto::StoredCheckpoint& manifest) {
  std::vector<runtime::PieceRef> pieces;
  for (auto& keyed : *manifest.mutable_keyed())
    for (auto& segment : *keyed.mutable_segments())
      for (std::size_t index = 0; index < runtime::packed_count(segment.chain()); ++index)
        pieces.emplace_back(*segment.mutable_chain(), index);
  for (auto& channel : *manifest.mutable_channels())
    for (auto& buffer : *channel.mutable_buffers())
      if (buffer.has_piece())
        pieces.emplace_back(*buffer.mutable_piece());
  std::sort(pieces.begin(), pieces.end(),
            [](const runtime::PieceRef& one, const runtime::PieceRef& other) {
              return place_of(one.get()) < place_of(other.get());
            });
  return pieces;
}

bool same_place(const runtime::StoredPiece& one, const runtime::StoredPiece& other) {
  return place_of(one) == place_of(other);
}

Result<void> check_piece(const runtime::StoredPiece& piece, std::string_view bytes,
                         const std::string& place) {
  if (bytes.size() == piece.length && crc32c(bytes) == piece.crc32c)
    return {};
  return damaged(place, "the " + std::to_string(piece.length) + " bytes at " +
                            std::to_string(piece.offset) + " have another checksum");
}

}  // namespace leat
