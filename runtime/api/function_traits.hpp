#pragma once

// Reads the record type out of a flat_map function's collector parameter.

#include <type_traits>

#include "runtime/api/collector.hpp"

namespace leat::runtime {

template <class Parameter>
struct CollectedRecord {
  static_assert(!sizeof(Parameter*),
                "a flat_map function takes (record, leat::Collector<Out>&); for a generic one say "
                "flat_map<Out>(…)");
};
template <class Out>
struct CollectedRecord<Collector<Out>&> {
  using Record = Out;
};

template <class F>
struct CollectorArgument : CollectorArgument<decltype(&F::operator())> {};
template <class R, class A, class C>
struct CollectorArgument<R (*)(A, C)> : CollectedRecord<C> {};
template <class F, class R, class A, class C>
struct CollectorArgument<R (F::*)(A, C)> : CollectedRecord<C> {};
template <class F, class R, class A, class C>
struct CollectorArgument<R (F::*)(A, C) const> : CollectedRecord<C> {};

}  // namespace leat::runtime
