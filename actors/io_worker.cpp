#include "actors/io_worker.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace leat::actors {

io_worker_actor::behavior_type io_worker(io_worker_actor::pointer) {
  return {[](const IoTask& task) { task.run(); }};
}

}  // namespace leat::actors
