// A fast source, a shuffle, and a sink that stops in its first subtask for a while: --count N --keys K
// --stall-ms T. What cannot go on has to wait at its source.
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "bench/workloads/keyed_numbers.hpp"
#include <leat/leat.hpp>

namespace {

using leat::bench::KeyedNumber;

class StallingWriter final : public leat::SinkWriter<KeyedNumber> {
 public:
  explicit StallingWriter(std::chrono::milliseconds stall) : stall_(stall) {}

  void write(const KeyedNumber& /*record*/) override {
    if (++written_ == kStallsAt)
      std::this_thread::sleep_for(stall_);
  }

 private:
  static constexpr std::uint64_t kStallsAt = 100'000;

  std::chrono::milliseconds stall_;
  std::uint64_t written_ = 0;
};

leat::Sink<KeyedNumber> stalling(std::chrono::milliseconds stall) {
  return {.name = "stalling",
          .kind = "discard",
          .path = {},
          .make_writer = [stall](const leat::SinkContext& context) {
            return std::make_unique<StallingWriter>(context.subtask == 0 ? stall : stall * 0);
          }};
}

}  // namespace

LEAT_JOB(bench_stalled_sink) {
  const std::uint64_t keys = args.required_number("keys");
  env.source(
         leat::generator(args.required_number("count"),
                         [keys](std::uint64_t n) { return leat::bench::keyed_number(n, keys); }))
      .key_by([](const KeyedNumber& record) { return record.first; })
      .sum()
      .sink(stalling(std::chrono::milliseconds(args.required_number("stall-ms"))));
}
