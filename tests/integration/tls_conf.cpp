#include "tests/integration/tls_conf.hpp"

#include <filesystem>

namespace leat::test {

std::string tls_conf(const TempDir& directory, const actors::TlsOptions& files) {
  const std::string name = std::filesystem::path(files.certificate).stem().string() + ".conf";
  return directory.write(name, "security.ssl.certificate = " + files.certificate +
                                   "\nsecurity.ssl.key = " + files.key +
                                   "\nsecurity.ssl.ca = " + files.ca_file + "\n");
}

}  // namespace leat::test
