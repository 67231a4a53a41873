#include "actors/http_pages.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include "actors/error_text.hpp"
#include "actors/process_figures.hpp"
#include "runtime/base/result.hpp"
#include "runtime/metrics/metrics_page.hpp"
#include "runtime/metrics/prometheus_text.hpp"

namespace leat::actors {

namespace {

/// For each of the two; the supervisor answers at once or not at all.
constexpr std::chrono::seconds kAnswerTimeout{2};

HttpReply ok() {
  return {200, HttpReply().content_type, "ok\n"};
}

HttpReply unavailable(const std::string& sentence) {
  return {503, HttpReply().content_type, sentence + "\n"};
}

HttpReply metrics_reply(std::string text) {
  return {200, std::string(runtime::PrometheusText::kContentType), std::move(text)};
}

/// A supervised actor, and what it told of itself.
template <class Figures>
struct Answer {
  runtime::SupervisionFigures supervision;
  std::optional<Figures> figures;
  std::string why_not;  ///< unless there are figures

  [[nodiscard]] const Figures* pointer() const { return figures ? &*figures : nullptr; }
};

/// Works on threads without an actor; each call is a scoped_actor of its own.
class Asking {
 public:
  Asking(caf::actor_system& system, supervisor_actor supervisor)
      : system_(&system), supervisor_(std::move(supervisor)) {}

  template <class Figures>
  [[nodiscard]] Answer<Figures> ask() const {
    Answer<Figures> answer;
    caf::actor child;
    const caf::scoped_actor self(*system_);
    self->request(supervisor_, kAnswerTimeout, SupervisionRequest{})
        .receive(
            [&](const Supervision& supervision) {
              answer.supervision = supervision.figures;
              child = supervision.child;
            },
            [&](const caf::error& error) {
              answer.why_not = "the supervisor does not answer: " + error_text(error);
            });
    if (!answer.why_not.empty())
      return answer;
    if (!child) {
      answer.why_not = answer.supervision.child + " is being started again after a failure: " +
                       answer.supervision.last_failure;
      return answer;
    }
    self->request(child, kAnswerTimeout, FiguresRequest{})
        .receive([&](const Figures& figures) { answer.figures = figures; },
                 [&](const caf::error& error) {
                   answer.why_not =
                       answer.supervision.child + " does not answer: " + error_text(error);
                 });
    return answer;
  }

 private:
  caf::actor_system* system_;
  supervisor_actor supervisor_;
};

template <class Figures>
HttpReply health(const Asking& asking) {
  const auto answer = asking.ask<Figures>();
  return answer.figures ? ok() : unavailable(answer.why_not);
}

/// Why the JobManager is not ready; success if it is.
Result<void> job_manager_readiness(const std::optional<runtime::JobManagerFigures>& figures,
                                   const std::string& data_dir) {
  if (auto volume = check_volume(data_dir); !volume)
    return volume;
  if (figures && !figures->write_refusal.empty())
    return Error(ErrorKind::kIo, figures->write_refusal);
  return {};
}

HttpReply job_manager_metrics_page(const Asking& asking, const std::string& data_dir) {
  const auto answer = asking.ask<runtime::JobManagerFigures>();
  runtime::VolumeState volume;
  if (const auto figures = volume_figures(data_dir))
    volume.figures = *figures;
  volume.writable = job_manager_readiness(answer.figures, data_dir).ok();
  return metrics_reply(runtime::job_manager_metrics(process_figures("jobmanager"),
                                                    answer.supervision, volume, answer.pointer()));
}

/// "the JobManager at HOST:PORT: no answer" says where once more.
std::string not_registered(const Endpoint& job_manager, const std::string& reason) {
  const std::string where = "the JobManager at " + job_manager.text();
  const bool repeats = reason.starts_with(where + ": ");
  return "not registered with " + where + ": " +
         (repeats ? reason.substr(where.size() + 2) : reason);
}

}  // namespace

HttpPages job_manager_pages(caf::actor_system& system, const supervisor_actor& supervisor,
                            const std::string& data_dir,
                            std::shared_ptr<const std::atomic<bool>> listening) {
  const Asking asking(system, supervisor);
  HttpPages pages;
  pages["/healthz"] = [asking] { return health<runtime::JobManagerFigures>(asking); };
  pages["/readyz"] = [asking, data_dir, listening = std::move(listening)] {
    if (!*listening)
      return unavailable("the JobManager does not listen yet");
    const auto answer = asking.ask<runtime::JobManagerFigures>();
    if (!answer.figures)
      return unavailable(answer.why_not);
    const auto ready = job_manager_readiness(answer.figures, data_dir);
    return ready ? ok() : unavailable(ready.error().message());
  };
  pages["/metrics"] = [asking, data_dir] { return job_manager_metrics_page(asking, data_dir); };
  return pages;
}

HttpPages task_manager_pages(caf::actor_system& system, const supervisor_actor& supervisor,
                             const Endpoint& job_manager) {
  const Asking asking(system, supervisor);
  HttpPages pages;
  pages["/healthz"] = [asking] { return health<runtime::TaskManagerFigures>(asking); };
  pages["/readyz"] = [asking, job_manager] {
    const auto answer = asking.ask<runtime::TaskManagerFigures>();
    if (!answer.figures)
      return unavailable(answer.why_not);
    return answer.figures->registered
               ? ok()
               : unavailable(not_registered(job_manager, answer.figures->why_not));
  };
  pages["/metrics"] = [asking] {
    const auto answer = asking.ask<runtime::TaskManagerFigures>();
    return metrics_reply(runtime::task_manager_metrics(process_figures("taskmanager"),
                                                       answer.supervision, answer.pointer()));
  };
  return pages;
}

}  // namespace leat::actors
