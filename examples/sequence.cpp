// Writes the numbers 0 to N-1 and sums them up by key: a result that anyone can check.
//
//   leat local sequence.so --count N --keys K [--rate R] [--output DIR]
//
// Each number is written once, one a line, below DIR/numbers. At the end of input, a line
// `key<TAB>count<TAB>sum` for each key n mod K is written below DIR/sums. Without --output both come
// back to the terminal. R is in numbers per second over all subtasks.

#include <cstdint>
#include <utility>

#include <leat/leat.hpp>

namespace {

struct Tally {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
};

}  // namespace

LEAT_RECORD(Tally, count, sum)

namespace {

/// Counts and sums the numbers of a key.
struct TallyUp {
  using Accumulator = Tally;
  void add(Tally& tally, std::uint64_t number) const {
    ++tally.count;
    tally.sum += number;
  }
  void merge(Tally& tally, const Tally& other) const {
    tally.count += other.count;
    tally.sum += other.sum;
  }
  Tally result(const Tally& tally) const { return tally; }
};

}  // namespace

LEAT_JOB(sequence) {
  const std::uint64_t count = args.required_number("count");
  const std::uint64_t keys = args.required_number("keys");
  const auto rate = args.optional_number("rate");
  const auto output = args.optional("output");
  if (keys == 0)
    throw leat::ArgumentError("--keys must be at least 1");
  if (rate && *rate == 0)
    throw leat::ArgumentError("--rate must be at least 1 number per second");

  const auto numbers =
      env.source(leat::sequence(count, {.rate = static_cast<double>(rate.value_or(0))}));
  const auto write = [&output](const auto& records, const char* folder) {
    if (output)
      records.sink(leat::text_directory(*output + folder));
    else
      records.sink(leat::collect());
  };
  write(numbers, "/numbers");
  write(numbers.key_by([keys](std::uint64_t number) { return number % keys; })
            .aggregate(TallyUp{}, leat::Emit::kAtEnd),
        "/sums");
}
