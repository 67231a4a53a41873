#pragma once

// A savepoint's directory: its name, its files, and `_metadata` byte by byte (docs/formats.md). Whoever
// writes one and whoever reads one share this. Pure functions.
//
// Invariant: a directory with `_metadata` is a complete savepoint; that file is renamed into place last.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/checkpointing/piece_ref.hpp"
#include "serialization/proto/storage.pb.h"

namespace leat {

inline constexpr std::string_view kSavepointMetadata = "_metadata";
inline constexpr std::uint32_t kSavepointVersion = 2;
/// A data file is closed when it has reached this size.
inline constexpr std::uint64_t kSavepointFileBytes = std::uint64_t{64} << 20U;

/// "savepoint-<first six digits of the job's id>-<checkpoint>".
[[nodiscard]] std::string savepoint_name(const std::string& job_id, std::uint64_t checkpoint);
/// "data-<number>", from 1: what Piece.counter names in a savepoint.
[[nodiscard]] std::string savepoint_file_name(std::uint64_t number);

/// What stands in `_metadata`.
[[nodiscard]] std::string encode_savepoint_metadata(const proto::StoredCheckpoint& manifest);
/// Fails in words, naming `path`, for another version, damage, and what is no savepoint at all.
Result<proto::StoredCheckpoint> decode_savepoint_metadata(std::string_view bytes,
                                                          const std::string& path);

/// The pieces of a manifest, to be looked at and changed, by chunk (or file) and offset. Valid as long
/// as the manifest's structure is not changed.
[[nodiscard]] std::vector<runtime::PieceRef> pieces_in_order(proto::StoredCheckpoint& manifest);

/// True if both are the same bytes of the same chunk (or file).
[[nodiscard]] bool same_place(const runtime::StoredPiece& one, const runtime::StoredPiece& other);

/// Fails in words unless these bytes are the piece's.
Result<void> check_piece(const runtime::StoredPiece& piece, std::string_view bytes,
                         const std::string& place);

}  // namespace leat
