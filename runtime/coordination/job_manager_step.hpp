#pragma once

// One event's handling: the time it happened at and the commands it gives rise to.

#include <initializer_list>
#include <string>
#include <utility>

#include "runtime/base/engine_time.hpp"
#include "runtime/coordination/job_manager_commands.hpp"

namespace leat::runtime {

struct JobManagerStep {
  Time now;
  JobManagerCommands& out;

  void send(Incarnation to, ToTaskManager message) {
    out.emplace_back(SendToTaskManager{to, std::move(message)});
  }
  void reply(RequestId request, AnyReply reply) {
    out.emplace_back(ReplyTo{request, std::move(reply)});
  }
  void log(LogLevel level, std::string event,
           std::initializer_list<std::pair<std::string, std::string>> fields) {
    out.emplace_back(LogEvent{level, "jobmanager", std::move(event), fields});
  }
};

}  // namespace leat::runtime
