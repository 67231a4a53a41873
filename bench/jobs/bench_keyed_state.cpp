// Keyed state of a chosen size, part of it touched between checkpoints: --count N --keys K --value-bytes B
// --touched T --window W [--skewed] [--rate R] [--marks FILE].
//
// FILE gets lines `first <subtask's thread> <Unix time, ns>` when a deployment processes its first record,
// and, at the end, `pause <ns>`: the longest time between two records once all keys are there.
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
  Marks(std::string file, std::uint64_t warm_up) : file_(std::move(file)), warm_up_(warm_up) {}
  ~Marks() {
    if (longest_ > 0)
      append("pause " + std::to_string(longest_));
  }

  void record(std::uint64_t n) {
    if (file_.empty())
      return;
    if (!started_) {
      started_ = true;
      append("first " + std::to_string(nanoseconds(std::chrono::system_clock::now())));
    }
    if (n < warm_up_)
      return;
    const std::int64_t now = nanoseconds(std::chrono::steady_clock::now());
    if (last_ != 0 && now - last_ > longest_)
      longest_ = now - last_;
    last_ = now;
  }

 private:
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
  bool started_ = false;
  std::int64_t last_ = 0;
  std::int64_t longest_ = 0;
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
  const auto marks = std::make_shared<Marks>(args.optional("marks").value_or(""), touched.keys);
  env.source(leat::generator(args.required_number("count"),
                             [touched](std::uint64_t n) { return std::pair(touched.key(n), n); },
                             {.rate = rate}))
      .key_by([](const std::pair<std::uint64_t, std::uint64_t>& record) { return record.first; })
      .aggregate(Hold{args.required_number("value-bytes"), marks}, leat::Emit::kAtEnd)
      .sink(leat::discard());
}
