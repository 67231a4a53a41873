// Counts every allocation of this executable and the libraries it links, to show that records on their
// way cost none. Under a sanitizer the counting stays out: it has an allocator of its own.

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/graph_of.hpp"
#include "tests/support/memory_connectors.hpp"
#include "tests/support/pipeline_cluster.hpp"

namespace {
std::atomic<std::uint64_t> allocations{0};
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LEAT_COUNTS_ALLOCATIONS 1

// Not inlined: the compiler would see free() beside an operator new it does not look into, and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size))
    return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
#else
#define LEAT_COUNTS_ALLOCATIONS 0
#endif

namespace leat::test {
namespace {

using Pair = std::pair<std::uint64_t, std::uint64_t>;

/// Takes records and keeps none.
class NullWriter final : public SinkWriter<Pair> {
 public:
  void write(const Pair& /*record*/) override {}
};

/// Allocations per record of a keyed sum behind map and filter, over two pipelines.
double allocations_per_record(proto::Mode mode) {
  constexpr std::uint64_t kRecords = 1'000'000;
  std::vector<std::uint64_t> rows(kRecords);
  for (std::uint64_t i = 0; i < kRecords; ++i)
    rows[i] = i;
  runtime::BuildOptions options;
  options.mode = mode;
  const auto graph = graph_of(
      [&rows](Environment& env) {
        env.source(vector_source(std::move(rows)))
            .map([](std::uint64_t n) { return Pair(n % 1000, n); })
            .filter([](const Pair& pair) { return pair.first != 7; })
            .key_by([](const Pair& pair) { return pair.first; })
            .sum()
            .sink(Sink<Pair>{"null", "discard", "",
                             [](const SinkContext&) { return std::make_unique<NullWriter>(); }});
      },
      options);
  PipelineCluster cluster(graph, 2);
  const std::uint64_t before = allocations.load();
  cluster.run();
  EXPECT_TRUE(cluster.finished());
  return static_cast<double>(allocations.load() - before) / kRecords;
}

TEST(Allocation, RecordsOfNumbersCostNoneInSteadyState) {
  if (!LEAT_COUNTS_ALLOCATIONS)
    GTEST_SKIP() << "a sanitizer has an allocator of its own";
  // What is left: buffers of two thousand records, messages, the hash map while it grows.
  EXPECT_LT(allocations_per_record(proto::MODE_STREAMING), 0.01);
  EXPECT_LT(allocations_per_record(proto::MODE_BATCH), 0.01);
  EXPECT_GT(allocations.load(), 0U) << "the counter counts";
}

}  // namespace
}  // namespace leat::test
