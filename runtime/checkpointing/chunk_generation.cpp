#include "runtime/checkpointing/chunk_generation.hpp"

#include <algorithm>

#include <leveldb/db.h>
#include <leveldb/env.h>
#include <leveldb/write_batch.h>

#include "runtime/base/check.hpp"
#include "runtime/checkpointing/leveldb_error.hpp"
#include "runtime/checkpointing/no_leveldb_log.hpp"

namespace leat {

namespace {

leveldb::Options database_options(const GenerationSettings& settings) {
  leveldb::Options options;
  if (settings.env != nullptr)
    options.env = settings.env;
  options.info_log = no_leveldb_log();
  options.paranoid_checks = true;
  options.write_buffer_size = settings.write_buffer_bytes;
  options.compression = leveldb::kNoCompression;  // whoever makes chunks knows whether it pays
  return options;
}

leveldb::ReadOptions read_options() {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = false;  // nothing is read twice
  return options;
}

leveldb::Status open_database(const leveldb::Options& options, const std::string& directory,
                              std::unique_ptr<leveldb::DB>& db) {
  leveldb::DB* opened = nullptr;
  const leveldb::Status status = leveldb::DB::Open(options, directory, &opened);
  db.reset(opened);
  return status;
}

std::string_view view(const leveldb::Slice& slice) {
  return {slice.data(), slice.size()};
}

}  // namespace

ChunkGeneration::ChunkGeneration(std::string directory, Durability durability,
                                 std::unique_ptr<leveldb::DB> db)
    : directory_(std::move(directory)), durability_(durability), db_(std::move(db)) {}

ChunkGeneration::~ChunkGeneration() = default;

Result<std::unique_ptr<ChunkGeneration>> ChunkGeneration::create(
    const std::string& directory, const GenerationSettings& settings) {
  leveldb::Options options = database_options(settings);
  options.create_if_missing = true;
  options.error_if_exists = true;
  std::unique_ptr<leveldb::DB> db;
  const leveldb::Status status = open_database(options, directory, db);
  if (!status.ok())
    return leveldb_error("cannot create " + directory, status);
  return std::unique_ptr<ChunkGeneration>(
      new ChunkGeneration(directory, settings.durability, std::move(db)));
}

Result<std::unique_ptr<ChunkGeneration>> ChunkGeneration::open(const std::string& directory,
                                                               const GenerationSettings& settings) {
  const leveldb::Options options = database_options(settings);
  std::unique_ptr<leveldb::DB> db;
  leveldb::Status status = open_database(options, directory, db);
  const bool damaged = is_damage(status);
  if (damaged) {
    // Safe here and only here: each chunk proves itself, and none is ever written over or deleted.
    status = leveldb::RepairDB(directory, options);
    if (status.ok())
      status = open_database(options, directory, db);
  }
  if (!status.ok())
    return leveldb_error("cannot open " + directory, status);
  std::unique_ptr<ChunkGeneration> generation(
      new ChunkGeneration(directory, settings.durability, std::move(db)));
  // After a repair the directory of contents may name chunks that went with a table.
  auto loaded = damaged ? Result<bool>(false) : generation->load_directory();
  if (!loaded)
    return loaded.error();
  if (*loaded)
    return generation;
  if (auto scanned = generation->scan(); !scanned)
    return scanned.error();
  if (damaged)
    if (auto sealed = generation->seal(); !sealed)
      return sealed.error();
  return generation;
}

Result<bool> ChunkGeneration::load_directory() {
  std::string value;
  const leveldb::Status status = db_->Get(read_options(), chunk_key(kDirectoryId), &value);
  if (!status.ok() && !is_damage(status))
    return leveldb_error("cannot read " + directory_, status);
  if (!status.ok())
    return false;
  const auto bytes = parse_chunk_value(kDirectoryId, value);
  const auto chunks = bytes ? decode_directory(*bytes) : std::nullopt;
  if (!chunks)
    return false;
  for (const StoredChunk& chunk : *chunks)
    note(chunk);
  sealed_ = true;
  return true;
}

Result<void> ChunkGeneration::scan() {
  const std::unique_ptr<leveldb::Iterator> cursor(db_->NewIterator(read_options()));
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
    const auto id = parse_chunk_key(view(cursor->key()));
    const std::size_t bytes = cursor->value().size();
    if (!id || *id == kDirectoryId || bytes < kChunkTrailerBytes)
      continue;
    note({*id, static_cast<std::uint32_t>(bytes - kChunkTrailerBytes)});
  }
  // Damaged blocks are passed over; what stood in them is missing.
  const leveldb::Status status = cursor->status();
  if (!status.ok() && !is_damage(status))
    return leveldb_error("cannot read " + directory_, status);
  return {};
}

void ChunkGeneration::note(StoredChunk chunk) {
  chunks_.push_back(chunk);
  bytes_ += chunk.bytes;
}

Result<void> ChunkGeneration::write(const std::vector<ChunkToWrite>& chunks) {
  LEAT_CHECK(!sealed_);
  leveldb::WriteBatch batch;
  for (const ChunkToWrite& chunk : chunks)
    batch.Put(chunk_key(chunk.id), chunk_value(chunk.id, chunk.bytes));
  leveldb::WriteOptions options;
  options.sync = durability_ == Durability::kSynced;
  const leveldb::Status status = db_->Write(options, &batch);
  if (!status.ok())
    return leveldb_error("cannot write to " + directory_, status);
  for (const ChunkToWrite& chunk : chunks)
    note({chunk.id, static_cast<std::uint32_t>(chunk.bytes.size())});
  return {};
}

Result<std::string> ChunkGeneration::read(ChunkId id) const {
  std::string value;
  const leveldb::Status status = db_->Get(read_options(), chunk_key(id), &value);
  const std::string what = "chunk " + to_string(id) + " in " + directory_;
  if (!status.ok())
    return leveldb_error(what + " cannot be read", status);
  if (!parse_chunk_value(id, value))
    return Error(ErrorKind::kProtocol, what + " is damaged: its checksum does not fit");
  value.resize(value.size() - kChunkTrailerBytes);
  return value;
}

Result<void> ChunkGeneration::seal() {
  std::vector<StoredChunk> contents = chunks_;
  std::sort(contents.begin(), contents.end(),
            [](const StoredChunk& a, const StoredChunk& b) { return a.id < b.id; });
  const std::string directory = encode_directory(contents);
  leveldb::WriteOptions options;
  options.sync = durability_ == Durability::kSynced;
  const leveldb::Status status =
      db_->Put(options, chunk_key(kDirectoryId), chunk_value(kDirectoryId, directory));
  if (!status.ok())
    return leveldb_error("cannot write to " + directory_, status);
  sealed_ = true;
  // Writes the memtable out, whatever the range; one without keys has no tables rewritten.
  const std::string behind_all = chunk_key(kDirectoryId) + '\xff';
  const leveldb::Slice from(behind_all);
  db_->CompactRange(&from, nullptr);
  return {};
}

}  // namespace leat
