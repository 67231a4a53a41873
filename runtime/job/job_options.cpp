#include "runtime/job/job_options.hpp"

namespace leat::runtime {

bool combine_before_shuffle(const std::map<std::string, std::string>& config) {
  const auto found = config.find(kCombineKey);
  return found == config.end() || found->second != "false";
}

}  // namespace leat::runtime
