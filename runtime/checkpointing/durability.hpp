#pragma once

// Whether what is written has to outlive the machine.

namespace leat {

enum class Durability {
  kSynced,     ///< survives the machine
  kTemporary,  ///< for data that nobody reads after this process
};

}  // namespace leat
