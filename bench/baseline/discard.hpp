#pragma once

// A sink that costs nothing and yet forces every record to be computed, one by one.
// Any thread.
// Invariant: the compiler can neither drop a record given to it nor fold several into one.

namespace leat::bench {

template <class Value>
inline void discard(const Value& value) {
  if constexpr (sizeof(Value) <= sizeof(void*))
    asm volatile("" : : "r"(value));
  else
    asm volatile("" : : "m"(value));
}

}  // namespace leat::bench
