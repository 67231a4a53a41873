#include "actors/io_worker.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "actors/thread_priority.hpp"

namespace leat::actors {

io_worker_actor::behavior_type io_worker(io_worker_actor::pointer) {
  return {[](const IoTask& task) { task.run(); }};
}

io_worker_actor::behavior_type background_io_worker(io_worker_actor::pointer self) {
  give_way();
  return io_worker(self);
}

}  // namespace leat::actors
