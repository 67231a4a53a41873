#pragma once

// Splits given back to an enumerator, first in, first out. Single-threaded, part of an enumerator.

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <google/protobuf/repeated_ptr_field.h>

#include "serialization/proto/plan.pb.h"

namespace leat::runtime {

class ReturnedSplits {
 public:
  void add(std::vector<proto::Split> splits) {
    for (proto::Split& split : splits)
      splits_.push_back(std::move(split));
  }
  void clear() { splits_.clear(); }
  std::optional<proto::Split> next() {
    if (splits_.empty())
      return std::nullopt;
    proto::Split split = std::move(splits_.front());
    splits_.pop_front();
    return split;
  }

  void save(google::protobuf::RepeatedPtrField<proto::Split>& into) const {
    for (const proto::Split& split : splits_)
      *into.Add() = split;
  }
  void load(const google::protobuf::RepeatedPtrField<proto::Split>& from) {
    splits_.assign(from.begin(), from.end());
  }

 private:
  std::deque<proto::Split> splits_;
};

}  // namespace leat::runtime
