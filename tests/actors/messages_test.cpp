#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/message.hpp>
#include <gtest/gtest.h>

#include "actors/actor_config.hpp"
#include "actors/data_messages.hpp"
#include "actors/protocol.hpp"

namespace leat::actors {
namespace {

class MessagesTest : public ::testing::Test {
 protected:
  template <class T>
  std::vector<char> saved(const T& value) {
    std::vector<char> bytes;
    caf::binary_serializer out(system_, bytes);
    EXPECT_FALSE(out(const_cast<T&>(value)));
    return bytes;
  }
  template <class T>
  bool load(const std::vector<char>& bytes, T& value) {
    caf::binary_deserializer in(system_, bytes);
    return !in(value);
  }

  LeatActorConfig config_{Networking::kOff};
  caf::actor_system system_{config_};
};

proto::SubmitJob sample_job() {
  proto::SubmitJob job;
  job.set_job_id(std::string(32, 'a'));
  job.set_name("words");
  job.add_arguments("--input");
  (*job.mutable_config())["key"] = "value";
  job.mutable_plan()->add_stages()->set_name("source");
  return job;
}

DataMessage sample_data() {
  auto buffer = std::make_shared<runtime::Buffer>();
  buffer->records = 3;
  buffer->bytes = ByteBlock(std::string_view("some records"));
  return {{JobId(1, 2), Attempt{3}}, {4, 5, 6}, 7, buffer};
}

/// Where a DataMessage says how many bytes follow.
constexpr std::size_t kKindAt = 16 + 4 + 3 * 2 + 8;
constexpr std::size_t kSizeAt = kKindAt + 1 + 4;

TEST_F(MessagesTest, AControlMessageSurvivesTheWireAsPartOfAnyMessage) {
  const auto bytes = saved(caf::make_message(Incarnation(8, 9), sample_job()));
  caf::message loaded;
  ASSERT_TRUE(load(bytes, loaded));
  ASSERT_TRUE((loaded.match_elements<Incarnation, proto::SubmitJob>()));
  EXPECT_EQ(Incarnation(8, 9), loaded.get_as<Incarnation>(0));
  EXPECT_EQ(sample_job().SerializeAsString(),
            loaded.get_as<proto::SubmitJob>(1).SerializeAsString());
}

TEST_F(MessagesTest, ATruncatedControlMessageIsAnErrorWhereverItEnds) {
  const auto bytes = saved(sample_job());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    proto::SubmitJob loaded;
    EXPECT_FALSE(
        load(std::vector<char>(bytes.begin(), bytes.begin() + static_cast<long>(size)), loaded))
        << size;
  }
}

TEST_F(MessagesTest, BytesThatAreNoControlMessageAreAnError) {
  const auto bytes = saved(std::string("\xff\xff\xff\xff"));
  proto::SubmitJob loaded;
  EXPECT_FALSE(load(bytes, loaded));
}

TEST_F(MessagesTest, ABufferSurvivesTheWire) {
  DataMessage loaded;
  ASSERT_TRUE(load(saved(sample_data()), loaded));
  EXPECT_EQ((DeploymentId{JobId(1, 2), Attempt{3}}), loaded.deployment);
  EXPECT_EQ((runtime::ChannelId{4, 5, 6}), loaded.channel);
  EXPECT_EQ(7U, loaded.sequence);
  EXPECT_EQ(runtime::BufferKind::kRecords, loaded.buffer->kind);
  EXPECT_EQ(3U, loaded.buffer->records);
  EXPECT_EQ("some records", loaded.buffer->bytes.view());
}

TEST_F(MessagesTest, WithinAProcessABufferIsNotCopied) {
  const DataMessage original = sample_data();
  const caf::message message = caf::make_message(original);
  EXPECT_EQ(original.buffer.get(), message.get_as<DataMessage>(0).buffer.get());
}

TEST_F(MessagesTest, AnEndOfInputSurvivesTheWire) {
  auto end = std::make_shared<runtime::Buffer>();
  end->kind = runtime::BufferKind::kEndOfInput;
  DataMessage message = sample_data();
  message.buffer = end;
  DataMessage loaded;
  ASSERT_TRUE(load(saved(message), loaded));
  EXPECT_EQ(runtime::BufferKind::kEndOfInput, loaded.buffer->kind);
  EXPECT_EQ(0U, loaded.buffer->bytes.size());
}

TEST_F(MessagesTest, ATruncatedBufferIsAnErrorWhereverItEnds) {
  const auto bytes = saved(sample_data());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    DataMessage loaded;
    EXPECT_FALSE(
        load(std::vector<char>(bytes.begin(), bytes.begin() + static_cast<long>(size)), loaded))
        << size;
  }
}

TEST_F(MessagesTest, ABufferOfAnUnknownKindIsRefused) {
  auto bytes = saved(sample_data());
  ASSERT_EQ(0, bytes.at(kKindAt));
  bytes.at(kKindAt) = static_cast<char>(runtime::kLastBufferKind + 1);
  DataMessage loaded;
  EXPECT_FALSE(load(bytes, loaded));
}

TEST_F(MessagesTest, ABufferThatClaimsToBeHugeIsRefusedBeforeMemoryIsTaken) {
  auto bytes = saved(sample_data());
  ASSERT_EQ(12, bytes.at(kSizeAt));
  // 2^63 in seven-bit groups: would fail to be allocated.
  bytes.erase(bytes.begin() + kSizeAt);
  const std::vector<char> huge{'\x80', '\x80', '\x80', '\x80', '\x80',
                               '\x80', '\x80', '\x80', '\x80', '\x01'};
  bytes.insert(bytes.begin() + kSizeAt, huge.begin(), huge.end());
  DataMessage loaded;
  EXPECT_FALSE(load(bytes, loaded));
}

TEST_F(MessagesTest, CreditsSurviveTheWire) {
  CreditMessage loaded;
  ASSERT_TRUE(load(saved(CreditMessage{{JobId(1, 2), Attempt{3}}, {4, 5, 6}, 7}), loaded));
  EXPECT_EQ((runtime::ChannelId{4, 5, 6}), loaded.channel);
  EXPECT_EQ(7U, loaded.buffers);
}

}  // namespace
}  // namespace leat::actors
