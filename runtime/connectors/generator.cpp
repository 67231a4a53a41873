#include "runtime/connectors/generator.hpp"

namespace leat {

namespace detail {

std::string range_config(RangeOptions options) {
  proto::RangeConfig config;
  config.set_count(options.count);
  config.set_unbounded(options.unbounded);
  config.set_rate(options.rate);
  return config.SerializeAsString();
}

}  // namespace detail

Source<std::uint64_t> sequence(std::uint64_t count, GeneratorOptions options) {
  return detail::make_generator<std::uint64_t>(
      "sequence", {.count = count, .unbounded = false, .rate = options.rate},
      [](std::uint64_t index) { return index; });
}

}  // namespace leat
