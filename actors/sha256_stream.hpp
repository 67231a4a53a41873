#pragma once

// SHA-256 of bytes that arrive piece by piece.

#include <memory>
#include <string>
#include <string_view>

typedef struct evp_md_ctx_st EVP_MD_CTX;

namespace leat::actors {

class Sha256Stream {
 public:
  Sha256Stream();

  void add(std::string_view bytes);
  /// 64 lower-case hex digits; nothing may be added afterwards.
  [[nodiscard]] std::string finish();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const;
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

/// Exactly 64 lower-case hex digits. Nothing else may become part of a path.
[[nodiscard]] bool is_sha256(std::string_view text);

}  // namespace leat::actors
