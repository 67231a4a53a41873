#pragma once

// Makes the 128-bit ids CAF message elements: two integers each.

#include <cstdint>

#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>

#include "runtime/base/ids.hpp"

namespace leat {

template <class Inspector, class Tag>
typename Inspector::result_type inspect(Inspector& inspector, Id128<Tag>& id) {
  std::uint64_t high = id.high();
  std::uint64_t low = id.low();
  if constexpr (Inspector::reads_state) {
    return inspector(high, low);
  } else {
    auto assign = caf::meta::load_callback([&]() -> caf::error {
      id = Id128<Tag>(high, low);
      return {};
    });
    return inspector(high, low, assign);
  }
}

}  // namespace leat
