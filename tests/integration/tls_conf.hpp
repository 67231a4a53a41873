#pragma once

#include <string>

#include "actors/tls_material.hpp"
#include "tests/support/temp_dir.hpp"

namespace leat::test {

/// Writes a leat.conf that names the files; returns its path.
std::string tls_conf(const TempDir& directory, const actors::TlsOptions& files);

}  // namespace leat::test
