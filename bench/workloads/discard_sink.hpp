#pragma once

// A sink that takes every record and keeps none, for workloads whose output is not the point.
// Slot's thread. Invariant: the record is computed, as in the hand-written loops.

#include <memory>

#include "bench/baseline/discard.hpp"
#include "runtime/connectors/sink.hpp"

namespace leat::bench {

template <class T>
class DiscardWriter final : public SinkWriter<T> {
 public:
  void write(In<T> record) override { discard(record); }
};

template <class T>
Sink<T> discard_sink() {
  return {"discard", "discard", "",
          [](const SinkContext&) { return std::make_unique<DiscardWriter<T>>(); }};
}

}  // namespace leat::bench
