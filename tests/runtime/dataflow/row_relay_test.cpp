#include "runtime/dataflow/row_relay.hpp"

#include <gmock/gmock.h>

#include "tests/support/recording_outbox.hpp"

namespace leat::runtime {
namespace {

using Rows = test::RecordingOutbox::Rows;
using testing::ElementsAre;

class RowRelays : public testing::Test {
 protected:
  test::RecordingOutbox outbox_;
  RowRelay relay_{outbox_};
};

TEST_F(RowRelays, ASingleSinksRowsPassAtOnceAndItsBarrierIsTold) {
  auto& only = relay_.add_channel();
  only.send({"a"});
  only.pass(4);
  only.send({"b"});
  EXPECT_THAT(outbox_.rows, ElementsAre(Rows{{"a"}, 0}, Rows{{}, 4}, Rows{{"b"}, 0}));
}

TEST_F(RowRelays, RowsBehindABarrierWaitUntilAllSinksHavePassedIt) {
  auto& first = relay_.add_channel();
  auto& second = relay_.add_channel();
  first.pass(1);
  EXPECT_FALSE(first.has_room());
  EXPECT_TRUE(second.has_room());
  first.send({"behind"});
  second.send({"before"});
  second.pass(1);
  EXPECT_THAT(outbox_.rows, ElementsAre(Rows{{"before"}, 0}, Rows{{}, 1}, Rows{{"behind"}, 0}));
}

TEST_F(RowRelays, AnAbortedCheckpointHoldsNothingBack) {
  auto& first = relay_.add_channel();
  auto& second = relay_.add_channel();
  first.pass(1);
  first.send({"a"});
  relay_.finish(1);
  EXPECT_THAT(outbox_.rows, ElementsAre(Rows{{"a"}, 0}));
  first.send({"b"});
  first.pass(2);
  first.send({"c"});
  second.pass(2);
  EXPECT_THAT(outbox_.rows,
              ElementsAre(Rows{{"a"}, 0}, Rows{{"b"}, 0}, Rows{{}, 2}, Rows{{"c"}, 0}));
}

TEST_F(RowRelays, ANewerBarrierReleasesWhatWaitedForAnOlderOne) {
  auto& first = relay_.add_channel();
  auto& second = relay_.add_channel();
  first.pass(1);
  first.send({"a"});
  first.pass(2);
  first.send({"b"});
  second.send({"c"});
  second.pass(2);
  EXPECT_THAT(outbox_.rows,
              ElementsAre(Rows{{"a"}, 0}, Rows{{"c"}, 0}, Rows{{}, 2}, Rows{{"b"}, 0}));
}

TEST_F(RowRelays, BatchesSentWithoutRoomAreMadeUpFor) {
  auto& only = relay_.add_channel();
  for (std::uint32_t i = 0; i < kInitialCollectCredits + 2; ++i)
    only.send({"row"});
  EXPECT_FALSE(only.has_room());
  relay_.add_credit(2);
  EXPECT_FALSE(only.has_room()) << "they were used up before";
  relay_.add_credit(1);
  EXPECT_TRUE(only.has_room());
}

}  // namespace
}  // namespace leat::runtime
