#include "actors/thread_priority.hpp"

#include <future>

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>
#include <leveldb/env.h>

#include "actors/actor_config.hpp"
#include "actors/io_worker.hpp"
#include "actors/own_thread.hpp"

namespace leat::actors {
namespace {

class ThreadPriority : public ::testing::Test {
 protected:
  void SetUp() override {
    if (gives_way())
      GTEST_SKIP() << "the tests run at low priority";
  }

  template <class Worker>
  bool worker_gives_way(Worker worker) {
    std::promise<bool> told;
    const io_worker_actor actor = spawn_on_own_thread(system_, worker);
    caf::anon_send(actor, IoTask{[&told] { told.set_value(gives_way()); }});
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    return told.get_future().get();
  }

  LeatActorConfig config_{Networking::kOff};
  caf::actor_system system_{config_};
};

TEST_F(ThreadPriority, OfWorkersInTheBackgroundAloneGivesWay) {
  EXPECT_TRUE(worker_gives_way(background_io_worker));
  EXPECT_FALSE(worker_gives_way(io_worker));
  EXPECT_FALSE(gives_way());
}

TEST_F(ThreadPriority, OfLevelDbsThreadGivesWayWhoeverStartedIt) {
  std::promise<bool> told;
  const auto tell = [](void* promise) {
    static_cast<std::promise<bool>*>(promise)->set_value(gives_way());
  };
  leveldb::Env::Default()->Schedule([](void*) {}, nullptr);
  let_leveldb_give_way();
  leveldb::Env::Default()->Schedule(tell, &told);
  EXPECT_TRUE(told.get_future().get());
  EXPECT_FALSE(gives_way());
}

}  // namespace
}  // namespace leat::actors
