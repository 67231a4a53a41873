#pragma once

// Sources that compute their records: a generator of your own, or the numbers themselves.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "runtime/connectors/generator_reader.hpp"
#include "runtime/connectors/source.hpp"

namespace leat {

struct GeneratorOptions {
  /// Records per second over all subtasks; 0: as fast as they are taken. What a stall has delayed is
  /// made up for at twice the rate.
  double rate = 0;
};

namespace detail {

struct RangeOptions {
  std::uint64_t count;
  bool unbounded;
  double rate;
};
/// An encoded RangeConfig.
[[nodiscard]] std::string range_config(RangeOptions options);

template <class F>
using Generated = Owned<std::invoke_result_t<F&, std::uint64_t>>;

template <class T, class F>
Source<T> make_generator(const std::string& name, RangeOptions options, F function) {
  return {.name = name,
          .kind = "range",
          .config = range_config(options),
          .make_reader = [function = std::move(function), rate = options.rate](
                             const ReaderContext& context) -> std::unique_ptr<SourceReader<T>> {
            std::optional<runtime::RateLimiter> limiter;
            if (rate > 0)
              limiter.emplace(rate, context.subtask, context.parallelism);
            return std::make_unique<runtime::GeneratorReader<T, F>>(function, limiter);
          }};
}

}  // namespace detail

/// `function(index)` for each index below `count`, in no particular order. Replayable: the function
/// must give the same record for the same index.
template <class F>
[[nodiscard]] Source<detail::Generated<F>> generator(std::uint64_t count, F function,
                                                     GeneratorOptions options = {}) {
  return detail::make_generator<detail::Generated<F>>(
      "generator", {.count = count, .unbounded = false, .rate = options.rate}, std::move(function));
}

/// `function(index)` for one index after the other, without end.
template <class F>
[[nodiscard]] Source<detail::Generated<F>> unbounded_generator(F function,
                                                               GeneratorOptions options = {}) {
  return detail::make_generator<detail::Generated<F>>(
      "generator", {.count = 0, .unbounded = true, .rate = options.rate}, std::move(function));
}

/// The numbers 0 to count-1.
[[nodiscard]] Source<std::uint64_t> sequence(std::uint64_t count, GeneratorOptions options = {});

}  // namespace leat
