#pragma once

// The RecordType of a C++ type.

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "runtime/api/collector.hpp"
#include "runtime/graph/graph_nodes.hpp"

namespace leat::runtime {

template <class T>
class Tee final : public Collector<T> {
 public:
  explicit Tee(std::vector<Collector<T>*> outs) : outs_(std::move(outs)) {}
  void emit(In<T> record) override {
    for (Collector<T>* out : outs_)
      out->emit(record);
  }
  void emit_all(std::span<const View<T>> records) override {
    for (Collector<T>* out : outs_)
      out->emit_all(records);
  }

 private:
  std::vector<Collector<T>*> outs_;
};

template <class T>
std::unique_ptr<EdgeReader> make_edge_reader(AnyCollector& out) {
  return std::make_unique<TypedEdgeReader<T>>(static_cast<Collector<T>&>(out));
}

template <class T>
std::unique_ptr<AnyCollector> make_tee(const std::vector<AnyCollector*>& outs) {
  std::vector<Collector<T>*> typed;
  for (AnyCollector* out : outs)
    typed.push_back(static_cast<Collector<T>*>(out));
  return std::make_unique<Tee<T>>(std::move(typed));
}

template <class T>
inline constexpr RecordType kRecordType{&make_edge_reader<T>, &make_tee<T>};

}  // namespace leat::runtime
