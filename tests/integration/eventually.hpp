#pragma once

#include <functional>

namespace leat::test {

/// Asks again and again until `condition` holds; false once kPatience has passed. For what sends no
/// signal when it changes, such as files.
bool eventually(const std::function<bool()>& condition);

}  // namespace leat::test
