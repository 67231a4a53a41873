#pragma once

// Carries out commands in the order in which a state machine gave them, also when carrying one out
// leads to an event with commands of its own: those stand behind. Owned by one actor.

#include <deque>
#include <utility>
#include <vector>

namespace leat::actors {

template <class Command>
class CommandQueue {
 public:
  template <class CarryOut>
  void run(std::vector<Command>& commands, CarryOut carry_out) {
    for (auto& command : commands)
      waiting_.push_back(std::move(command));
    if (std::exchange(running_, true))
      return;
    while (!waiting_.empty()) {
      Command command = std::move(waiting_.front());
      waiting_.pop_front();
      carry_out(command);
    }
    running_ = false;
  }

 private:
  std::deque<Command> waiting_;
  bool running_ = false;
};

}  // namespace leat::actors
