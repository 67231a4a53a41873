// How late records are behind one hash shuffle: --rate N --seconds S --subtasks P --keys K --output DIR. With
// --control there is no shuffle: how late a source that only ticks is on this machine.
//
// Each record carries the time at which it was due, which the source's own lateness does not move. Each
// sink writes DIR/latency-<subtask>: a line "<nanoseconds> <records>" for each bucket.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "bench/data/random.hpp"
#include "bench/workloads/latency_histogram.hpp"
#include <leat/leat.hpp>

namespace {

/// (key, when the record was due)
using Tick = std::pair<std::int64_t, std::int64_t>;

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

/// Makes the records of one subtask; the first one is due when it is asked for.
class Ticks {
 public:
  Ticks(double interval_ns, std::uint64_t keys) : interval_ns_(interval_ns), keys_(keys) {}

  Tick operator()(std::uint64_t n) {
    if (made_ == 0)
      first_ns_ = now_ns();
    const auto passed = static_cast<std::int64_t>(static_cast<double>(made_++) * interval_ns_);
    const auto key = leat::bench::scale(leat::bench::mix(n), keys_);
    return {static_cast<std::int64_t>(key), first_ns_ + passed};
  }

 private:
  double interval_ns_;
  std::uint64_t keys_;
  std::int64_t first_ns_ = 0;
  std::uint64_t made_ = 0;
};

leat::Result<void> write_file(const std::filesystem::path& path,
                              const leat::bench::LatencyHistogram& delays) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path);
  delays.for_each([&file](std::uint64_t nanoseconds, std::uint64_t records) {
    file << nanoseconds << ' ' << records << '\n';
  });
  file.close();
  if (!file)
    return leat::Error(leat::ErrorKind::kIo, "cannot write " + path.string());
  return {};
}

/// Leaves the first second out: until then subtasks still start and memory is touched for the first time.
class LatencyWriter final : public leat::SinkWriter<Tick> {
 public:
  LatencyWriter(std::filesystem::path folder, std::uint32_t subtask)
      : folder_(std::move(folder)), subtask_(subtask) {}

  void write(const Tick& tick) override {
    const std::int64_t now = now_ns();
    if (first_ns_ == 0)
      first_ns_ = now;
    if (tick.second - first_ns_ > kWarmUpNs)
      delays_.add(now - tick.second);
  }

  /// All so far: a later call replaces the file.
  leat::PreparedOutput prepare_commit(std::uint64_t /*checkpoint*/) override {
    return {.make_durable = [file = folder_ / ("latency-" + std::to_string(subtask_)),
                             delays = delays_] { return write_file(file, delays); },
            .committables = {}};
  }

 private:
  static constexpr std::int64_t kWarmUpNs = 1'000'000'000;

  std::filesystem::path folder_;
  std::uint32_t subtask_;
  std::int64_t first_ns_ = 0;
  leat::bench::LatencyHistogram delays_;
};

leat::Sink<Tick> latencies(const std::string& folder) {
  return {.name = "latencies",
          .kind = "discard",
          .path = {},
          .make_writer = [folder](const leat::SinkContext& context) {
            return std::make_unique<LatencyWriter>(folder, context.subtask);
          }};
}

}  // namespace

LEAT_JOB(bench_latency) {
  const std::uint64_t rate = args.required_number("rate");
  const std::uint64_t seconds = args.required_number("seconds");
  const std::uint64_t subtasks = args.required_number("subtasks");
  const double interval_ns = 1e9 * static_cast<double>(subtasks) / static_cast<double>(rate);
  const auto ticks =
      env.source(leat::generator(rate * seconds, Ticks(interval_ns, args.required_number("keys")),
                                 {.rate = static_cast<double>(rate)}));
  const std::string output = args.required("output");
  if (args.flag("control"))
    ticks.sink(latencies(output));
  else
    ticks.key_by([](const Tick& tick) { return tick.first; })
        .reduce([](const Tick&, const Tick& latest) { return latest; })
        .sink(latencies(output));
}
