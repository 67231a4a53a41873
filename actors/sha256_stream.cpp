#include "actors/sha256_stream.hpp"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "runtime/base/check.hpp"

namespace leat::actors {

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  LEAT_CHECK(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256Stream::Free::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

void Sha256Stream::add(std::string_view bytes) {
  LEAT_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string Sha256Stream::finish() {
  std::array<unsigned char, 32> digest{};
  LEAT_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  std::string hex;
  for (const unsigned char byte : digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 0xfU];
  }
  return hex;
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace leat::actors
