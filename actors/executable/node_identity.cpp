// Gives each process a CAF node id of its own.
//
// CAF derives node ids from MAC addresses and the process id, which are equal for processes in
// containers that share the host's network (all of them process 1): two such nodes take each other for
// themselves. CAF's library asks the function below for the machine's identity; defined in an
// executable it takes precedence over the library's own. That is why this file belongs to no library
// and is compiled into each executable (`leat`, the tests).

#include <random>
#include <string>

namespace caf::detail {

std::string get_root_uuid() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string uuid;
  for (int digit = 0; digit < 32; ++digit)
    uuid += kDigits[random() % 16];
  return uuid;
}

}  // namespace caf::detail
