#pragma once

// One event's handling in a TaskManager: the time it happened at and the commands it gives rise to.

#include <initializer_list>
#include <string>
#include <utility>

#include "runtime/base/engine_time.hpp"
#include "runtime/base/error.hpp"
#include "runtime/coordination/error_info.hpp"
#include "runtime/coordination/task_manager_core.hpp"

namespace leat::runtime {

struct TaskManagerStep {
  Time now;
  const TaskManagerOptions& self;
  TaskManagerCommands& out;

  template <class Message>
  void send(Message message) {
    out.emplace_back(SendToJobManager{std::move(message)});
  }
  void send_event(proto::SubtaskEvent event) {
    event.set_incarnation(self.incarnation.hex());
    send(std::move(event));
  }
  void send_failed(const proto::SubtaskRef& ref, const Error& error) {
    proto::SubtaskEvent event;
    *event.mutable_ref() = ref;
    *event.mutable_failed()->mutable_error() = to_error_info(error);
    send_event(std::move(event));
  }
  void send_released(const proto::SubtaskRef& ref) {
    proto::SubtaskEvent event;
    *event.mutable_ref() = ref;
    event.mutable_released();
    send_event(std::move(event));
  }
  void log(LogLevel level, std::string event,
           std::initializer_list<std::pair<std::string, std::string>> fields) {
    LogEvent line{level, "taskmanager", std::move(event), {{"taskmanager", self.id}}};
    line.fields.insert(line.fields.end(), fields.begin(), fields.end());
    out.emplace_back(std::move(line));
  }
};

}  // namespace leat::runtime
