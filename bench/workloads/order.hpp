#pragma once

// The wide records (8 fields, about 200 bytes), the same for the engine and the loop.
// Pure functions: any thread.
// Invariant: order n depends on n and the number of customers alone.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "bench/data/random.hpp"

namespace leat::bench {

struct Order {
  std::int64_t id = 0;
  std::string customer;  // 16 bytes: the key
  std::string product;   // 24 bytes
  std::string city;      // 12 bytes
  std::string comment;   // 112 bytes
  std::int64_t quantity = 0;
  std::int64_t cents = 0;
  std::int64_t time_ms = 0;
};

/// Appends random letters eight at a time: making a record should cost less than handling it.
inline void append_letters(std::string& text, std::size_t size, std::uint64_t seed) {
  const std::size_t start = text.size();
  text.resize(start + size);
  for (std::size_t at = start; at < text.size(); at += 8) {
    std::uint64_t letters = (mix(seed++) & 0x0f0f0f0f0f0f0f0fULL) + 0x6161616161616161ULL;
    std::memcpy(text.data() + at, &letters, text.size() - at < 8 ? text.size() - at : 8);
  }
}

/// Fills `order`, keeping the capacity of its strings: a loop that reuses one does not allocate.
inline void make_order(std::uint64_t n, std::uint64_t customers, Order& order) {
  const std::uint64_t bits = mix(n);
  order.id = static_cast<std::int64_t>(n);
  order.customer.assign("cust");
  append_letters(order.customer, 12, scale(bits, customers) << 8U);
  order.product.assign("product-");
  append_letters(order.product, 16, bits & 0xfffU);
  order.city.clear();
  append_letters(order.city, 12, (bits >> 12U) & 0xffU);
  order.comment.clear();
  append_letters(order.comment, 112, bits);
  order.quantity = static_cast<std::int64_t>(1 + (bits & 7U));
  order.cents = static_cast<std::int64_t>(100 + (bits >> 50U));
  order.time_ms = static_cast<std::int64_t>(1'700'000'000'000 + n);
}

/// The aggregation: quantities and amounts are summed up, the rest is the latest order's.
inline void merge_order(Order& total, const Order& order) {
  total.quantity += order.quantity;
  total.cents += order.cents;
  if (order.id < total.id)
    return;
  total.id = order.id;
  total.time_ms = order.time_ms;
  total.product = order.product;
  total.city = order.city;
  total.comment = order.comment;
}

}  // namespace leat::bench
