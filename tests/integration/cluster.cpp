#include "tests/integration/cluster.hpp"

namespace leat::test {

std::string leat_binary() {
  return std::string(LEAT_BIN_DIR) + "/leat";
}
std::string example_job(const std::string& name) {
  return std::string(LEAT_JOBS_DIR) + "/" + name + ".so";
}
std::string test_job(const std::string& name) {
  return std::string(LEAT_TEST_JOBS_DIR) + "/" + name + ".so";
}

std::vector<std::string> leat(const std::vector<std::string>& words) {
  std::vector<std::string> command{leat_binary()};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

Cluster::Cluster(std::vector<std::string> settings, const std::string& crash_at)
    : settings_(std::move(settings)) {
  start_job_manager("0", crash_at);
}

ProcessOptions Cluster::daemon_options(const std::string& crash_at) const {
  ProcessOptions options;
  options.environment = environment_;
  if (!crash_at.empty())
    options.environment["LEAT_CRASH_AT"] = crash_at;
  return options;
}

void Cluster::start_job_manager(const std::string& port, const std::string& crash_at) {
  std::vector<std::string> words{"jobmanager", "--port", port, "--data-dir", data_.file("data")};
  for (const std::string& setting : settings_)
    words.insert(words.end(), {"-D", setting});
  job_manager_ = std::make_unique<Process>(leat(words), daemon_options(crash_at));
  address_ = job_manager_->wait_for(Stream::kErr, R"(event=listening address=(\S+))");
}

void Cluster::restart_job_manager() {
  job_manager_->signal(SIGKILL);
  await_crash_and_restart_job_manager();
}

void Cluster::await_crash_and_restart_job_manager() {
  job_manager_->wait();
  start_job_manager(address_.substr(address_.rfind(':') + 1));
}

void Cluster::add_task_managers(std::size_t count, std::size_t slots, const std::string& crash_at) {
  const std::size_t known = task_managers_.size();
  for (std::size_t i = 0; i < count; ++i)
    task_managers_.push_back(std::make_unique<Process>(
        leat({"taskmanager", "--jobmanager", address_, "--slots", std::to_string(slots)}),
        daemon_options(crash_at)));
  for (std::size_t i = known; i < task_managers_.size(); ++i)
    task_managers_[i]->wait_for(Stream::kErr, "event=registered");
}

void Cluster::add_task_manager(const ProcessOptions& options) {
  task_managers_.push_back(std::make_unique<Process>(
      leat({"taskmanager", "--jobmanager", address_, "--slots", "1"}), options));
  task_managers_.back()->wait_for(Stream::kErr, "event=registered");
}

void Cluster::kill_oldest_task_manager(std::size_t spared) {
  const auto victim = task_managers_.begin() + static_cast<std::ptrdiff_t>(spared);
  (*victim)->signal(SIGKILL);
  task_managers_.erase(victim);
}

std::vector<std::string> Cluster::client(const std::string& command,
                                         const std::vector<std::string>& words) const {
  std::vector<std::string> all{command, "-m", address_};
  all.insert(all.end(), words.begin(), words.end());
  return leat(all);
}

Outcome Cluster::run_client(const std::string& command,
                            const std::vector<std::string>& words) const {
  return run(client(command, words));
}

}  // namespace leat::test
