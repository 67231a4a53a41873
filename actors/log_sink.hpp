#pragma once

// Where log events go in production: one line each to standard error, through spdlog, which keeps
// lines of several threads apart.

#include <memory>

#include "actors/log_format.hpp"
#include "runtime/base/log_event.hpp"

namespace leat::actors {

struct LogOptions {
  LogLevel level = LogLevel::kInfo;  ///< events below are dropped
  LogFormat format = LogFormat::kText;
};

[[nodiscard]] std::unique_ptr<LogSink> make_stderr_log(const LogOptions& options);

}  // namespace leat::actors
