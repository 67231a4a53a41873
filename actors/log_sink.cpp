#include "actors/log_sink.hpp"

#include <chrono>
#include <string>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace leat::actors {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

class StderrLog final : public LogSink {
 public:
  explicit StderrLog(const LogOptions& options)
      : format_(options.format),
        logger_("leat", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger_.set_pattern("%v");
    logger_.set_level(spdlog_level(options.level));
    logger_.flush_on(spdlog::level::trace);
  }

  void write(const LogEvent& event) override {
    const auto level = spdlog_level(event.level);
    if (!logger_.should_log(level))
      return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::string timestamp =
        format_timestamp(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    logger_.log(level, format_ == LogFormat::kJson ? format_json(event, timestamp)
                                                   : format_text(event, timestamp));
  }

 private:
  LogFormat format_;
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<LogSink> make_stderr_log(const LogOptions& options) {
  return std::make_unique<StderrLog>(options);
}

}  // namespace leat::actors
