#pragma once

// Makes every control message (a Protobuf class in leat::proto) a CAF message element: one string of
// its wire format. Include it wherever such a message is sent or received.
//
// It lies in the messages' namespace, because CAF finds inspect() by its argument.

#include <concepts>
#include <string>
#include <type_traits>

#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/sec.hpp>
#include <caf/serializer.hpp>
#include <google/protobuf/message.h>

namespace leat::proto {

template <class Inspector, std::derived_from<google::protobuf::Message> Message>
typename Inspector::result_type inspect(Inspector& inspector, Message& message) {
  std::string bytes;
  if constexpr (Inspector::reads_state) {
    // Besides serializers, what makes text for people reads state.
    if constexpr (std::is_base_of_v<caf::serializer, Inspector>)
      message.SerializeToString(&bytes);
    else
      bytes = message.ShortDebugString();
    return inspector(caf::meta::type_name("proto"), bytes);
  } else {
    auto parse = caf::meta::load_callback([&]() -> caf::error {
      if (message.ParseFromString(bytes))
        return {};
      return caf::make_error(caf::sec::invalid_argument);
    });
    return inspector(caf::meta::type_name("proto"), bytes, parse);
  }
}

}  // namespace leat::proto
