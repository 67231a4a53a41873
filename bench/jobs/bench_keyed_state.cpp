// Keyed state of a chosen size, part of it touched between checkpoints: --count N --keys K --value-bytes B
// --touched T --window W [--skewed] [--rate R] [--marks FILE]
// [--settle-ms MS].
//
// FILE gets a line `first <Unix time, ns>` when a deployment processes its first record, and at its end
// `pause <ns>`, the longest time between two records once all keys are there, and `rate <records a second>`
// from MS later on.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <string>
#include <unistd.h>

#include "bench/workloads/touched_keys.hpp"
#include <leat/leat.hpp>

namespace {

struct Held {
  std::uint64_t count = 0;
  std::string payload;
};

}  // namespace

LEAT_RECORD(Held, count, payload)

namespace {

std::int64_t nanoseconds(auto time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

/// What one deployment of one subtask notices of the flow of records. Used by one thread.
class Marks {
 public:
  /// Keys are there after `warm_up` records; the rate is measured from `settling_ns` later on.
  Marks(std::string file, std::uint64_t warm_up, std::int64_t settling_ns)
      : file_(std::move(file)), warm_up_(warm_up), settling_(settling_ns) {}
  ~Marks() {
    if (longest_ > 0)
      append("pause " + std::to_string(longest_));
    if (counted_ > 0)
      append("rate " + std::to_string(counted_ * kSecond / (last_ - steady_since_)));
  }

  void record(std::uint64_t n) {
    if (file_.empty())
      return;
    if (!started_) {
      started_ = true;
      append("first " + std::to_string(nanoseconds(std::chrono::system_clock::now())));
    }
    // Another subtask's first records may still be on their way: they are records of the flow, too.
    if (n < warm_up_ && last_ == 0)
      return;
    const std::int64_t now = nanoseconds(std::chrono::steady_clock::now());
    if (last_ == 0)
      steady_since_ = now + settling_;
    else
      longest_ = std::max(longest_, now - last_);
    counted_ += now > steady_since_ ? 1 : 0;
    last_ = now;
  }

 private:
  static constexpr std::int64_t kSecond = 1'000'000'000;

  void append(const std::string& line) const {
    const std::string text = line + "\n";
    const int file = open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0)
      return;
    if (write(file, text.data(), text.size()) < 0)
      std::perror("bench_keyed_state");
    close(file);
  }

  std::string file_;
  std::uint64_t warm_up_;
  std::int64_t settling_;
  bool started_ = false;
  std::int64_t last_ = 0;
  std::int64_t longest_ = 0;
  std::int64_t steady_since_ = 0;
  std::int64_t counted_ = 0;
};

struct Hold {
  using Accumulator = Held;
  std::uint64_t value_bytes;
  std::shared_ptr<Marks> marks;

  void add(Held& held, const std::pair<std::uint64_t, std::uint64_t>& record) const {
    marks->record(record.second);
    if (held.payload.empty())
      held.payload.assign(value_bytes, static_cast<char>('a' + record.first % 26));
    ++held.count;
  }
  void merge(Held& held, const Held& other) const { held.count += other.count; }
  std::uint64_t result(const Held& held) const { return held.count; }
};

}  // namespace

LEAT_JOB(bench_keyed_state) {
  const leat::bench::TouchedKeys touched{
      .keys = args.required_number("keys"),
      .touched = args.required_number("touched"),
      .window = args.required_number("window"),
      .skewed = args.optional_number("skewed").value_or(0) != 0,
  };
  const auto rate = static_cast<double>(args.optional_number("rate").value_or(0));
  // One graph is built for each deployment of a subtask.
  const auto settling = static_cast<std::int64_t>(args.optional_number("settle-ms").value_or(0));
  const auto marks = std::make_shared<Marks>(args.optional("marks").value_or(""), touched.keys,
                                             settling * 1'000'000);
  env.source(leat::generator(args.required_number("count"),
                             [touched](std::uint64_t n) { return std::pair(touched.key(n), n); },
                             {.rate = rate}))
      .key_by([](const std::pair<std::uint64_t, std::uint64_t>& record) { return record.first; })
      .aggregate(Hold{args.required_number("value-bytes"), marks}, leat::Emit::kAtEnd)
      .sink(leat::discard());
}
