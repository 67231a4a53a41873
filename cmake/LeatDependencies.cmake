# Debian's packages; docs/dependencies.md gives the reason for each.
include_guard()

find_package(Threads REQUIRED) # before leveldb, whose own package does not ask for it
find_package(Snappy REQUIRED)  # likewise
find_package(leveldb REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl REQUIRED)
find_package(spdlog REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(XXHash REQUIRED)
find_package(CAF 0.17.6 REQUIRED COMPONENTS core io openssl)
# Its library was compiled with options that the header must be given too, or both lay their classes out
# differently; only its .pc file names them.
find_package(PkgConfig REQUIRED)
pkg_check_modules(CppHttplib REQUIRED IMPORTED_TARGET cpp-httplib)
