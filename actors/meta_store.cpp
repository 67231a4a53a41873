#include "actors/meta_store.hpp"

#include <charconv>
#include <cstdint>

#include <leveldb/db.h>
#include <leveldb/write_batch.h>

#include "runtime/checkpointing/no_leveldb_log.hpp"

namespace leat::actors {

namespace {

/// Sorts before the keys of the state machine, which are words.
const std::string kEpochKey = "!epoch";

/// Several manifests of a state of 100 MB.
constexpr std::size_t kWriteBufferBytes = std::size_t{4} << 20U;

Error store_error(const std::string& directory, const leveldb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.starts_with("IO error: lock "))
    return Error(ErrorKind::kIo, "the metadata store " + directory +
                                     " is in use by another JobManager: stop it, or choose another "
                                     "data directory (" +
                                     text + ")");
  if (status.IsCorruption())
    return Error(ErrorKind::kIo,
                 "the metadata store " + directory + " is damaged: " + text +
                     ". Restore it from a copy, or start with an empty data directory");
  return Error(ErrorKind::kIo, "the metadata store " + directory + " cannot be used: " + text +
                                   ". Its volume must be mounted for writing, have room, and "
                                   "belong to the user that runs the JobManager");
}

leveldb::WriteOptions write_options(Durability durability) {
  leveldb::WriteOptions options;
  options.sync = durability == Durability::kSynced;
  return options;
}

}  // namespace

MetaStore::MetaStore(std::string directory, Durability durability, leveldb::Env* env)
    : directory_(std::move(directory)), durability_(durability), env_(env) {}

MetaStore::~MetaStore() = default;

Result<MetaStore::Opened> MetaStore::open(const std::string& directory, Durability durability,
                                          leveldb::Env* env) {
  Opened opened;
  opened.store.reset(new MetaStore(directory, durability, env));
  if (auto database = opened.store->open_database(); !database)
    return database.error();
  auto epoch = opened.store->increment_epoch();
  if (!epoch)
    return epoch.error();
  auto entries = opened.store->read_all();
  if (!entries)
    return entries.error();
  opened.epoch = *epoch;
  opened.entries = std::move(*entries);
  return opened;
}

Result<void> MetaStore::open_database() {
  leveldb::Options options;
  if (env_ != nullptr)
    options.env = env_;
  options.create_if_missing = true;
  options.paranoid_checks = true;
  options.info_log = no_leveldb_log();
  // Manifests come and go, and hardly shrink: their pieces' checksums are most of them.
  options.compression = leveldb::kNoCompression;
  options.write_buffer_size = kWriteBufferBytes;
  leveldb::DB* db = nullptr;
  const leveldb::Status status = leveldb::DB::Open(options, directory_, &db);
  if (!status.ok())
    return store_error(directory_, status);
  db_.reset(db);
  return {};
}

Result<void> MetaStore::reopen() {
  db_.reset();  // first: it holds the lock
  if (auto opened = open_database(); !opened)
    return opened;
  const auto epoch = stored_epoch();
  if (epoch && *epoch == epoch_) {
    failed_ = false;
    return {};
  }
  db_.reset();
  if (!epoch)
    return epoch.error();
  return Error(ErrorKind::kIo, "another JobManager has used the metadata store " + directory_ +
                                   " meanwhile: this one writes nothing any more");
}

Result<std::uint64_t> MetaStore::stored_epoch() const {
  std::string stored = "0";
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  const leveldb::Status read = db_->Get(options, kEpochKey, &stored);
  if (!read.ok() && !read.IsNotFound())
    return store_error(directory_, read);
  std::uint64_t epoch = 0;
  const auto parsed = std::from_chars(stored.data(), stored.data() + stored.size(), epoch);
  if (parsed.ec != std::errc() || parsed.ptr != stored.data() + stored.size())
    return Error(ErrorKind::kIo, "the metadata store " + directory_ + " holds no readable epoch");
  return epoch;
}

Result<Epoch> MetaStore::increment_epoch() {
  const auto stored = stored_epoch();
  if (!stored)
    return stored.error();
  epoch_ = *stored + 1;
  const leveldb::Status written =
      db_->Put(write_options(durability_), kEpochKey, std::to_string(epoch_));
  if (!written.ok())
    return store_error(directory_, written);
  return static_cast<Epoch>(epoch_);
}

Result<MetaStore::Entries> MetaStore::read_all() const {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  const std::unique_ptr<leveldb::Iterator> cursor(db_->NewIterator(options));
  Entries entries;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next())
    if (cursor->key() != leveldb::Slice(kEpochKey))
      entries.emplace_back(cursor->key().ToString(), cursor->value().ToString());
  if (!cursor->status().ok())
    return store_error(directory_, cursor->status());
  return entries;
}

Result<void> MetaStore::write(const Entries& writes) {
  if (failed_) {
    if (auto again = reopen(); !again)
      return again;
  }
  leveldb::WriteBatch batch;
  for (const auto& [key, value] : writes) {
    if (value.empty())
      batch.Delete(key);
    else
      batch.Put(key, value);
  }
  const leveldb::Status status = db_->Write(write_options(durability_), &batch);
  if (status.ok())
    return {};
  failed_ = true;
  return store_error(directory_, status);
}

}  // namespace leat::actors
