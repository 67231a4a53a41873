// What encoding and decoding a record costs: numbers, pairs of numbers, words, wide structs.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/data/vocabulary.hpp"
#include "bench/workloads/keyed_numbers.hpp"
#include "bench/workloads/order.hpp"
#include "serialization/byte_reader.hpp"
#include "serialization/byte_writer.hpp"
#include "serialization/codec.hpp"
#include "serialization/record.hpp"

LEAT_RECORD(leat::bench::Order, id, customer, product, city, comment, quantity, cents, time_ms)

namespace leat::bench {
namespace {

constexpr std::size_t kRecords = 1000;

std::vector<std::int64_t> numbers() {
  std::vector<std::int64_t> records;
  for (std::uint64_t n = 0; n < kRecords; ++n)
    records.push_back(static_cast<std::int64_t>(mix(n)));
  return records;
}

std::vector<KeyedNumber> keyed_numbers() {
  std::vector<KeyedNumber> records;
  for (std::uint64_t n = 0; n < kRecords; ++n)
    records.push_back(keyed_number(n, 1000));
  return records;
}

std::vector<std::string> words() {
  const Vocabulary vocabulary({.words = 10'000});
  Random random(1);
  std::vector<std::string> records;
  for (std::size_t n = 0; n < kRecords; ++n)
    records.push_back(vocabulary.draw(random));
  return records;
}

std::vector<Order> orders() {
  std::vector<Order> records(kRecords);
  for (std::uint64_t n = 0; n < kRecords; ++n)
    make_order(n, 100, records[n]);
  return records;
}

void count(benchmark::State& state, std::size_t bytes) {
  const auto rounds = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(rounds * static_cast<std::int64_t>(kRecords));
  state.SetBytesProcessed(rounds * static_cast<std::int64_t>(bytes));
}

template <class T>
void encode(benchmark::State& state, const std::vector<T>& records) {
  ByteWriter out;
  for (auto _ : state) {
    out.clear();
    for (const T& record : records)
      leat::encode<T>(out, Codec<T>::view(record));
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  count(state, out.size());
}

template <class T>
void decode(benchmark::State& state, const std::vector<T>& records) {
  ByteWriter out;
  for (const T& record : records)
    leat::encode<T>(out, Codec<T>::view(record));
  View<T> view{};
  for (auto _ : state) {
    ByteReader in(out.view());
    while (!in.empty()) {
      if (!Codec<T>::decode(in, view)) {
        state.SkipWithError("what was encoded does not decode");
        return;
      }
      benchmark::DoNotOptimize(view);
    }
  }
  count(state, out.size());
}

BENCHMARK_CAPTURE(encode, int64, numbers());
BENCHMARK_CAPTURE(decode, int64, numbers());
BENCHMARK_CAPTURE(encode, pair_of_int64, keyed_numbers());
BENCHMARK_CAPTURE(decode, pair_of_int64, keyed_numbers());
BENCHMARK_CAPTURE(encode, word, words());
BENCHMARK_CAPTURE(decode, word, words());
BENCHMARK_CAPTURE(encode, order_of_8_fields, orders());
BENCHMARK_CAPTURE(decode, order_of_8_fields, orders());

}  // namespace
}  // namespace leat::bench
