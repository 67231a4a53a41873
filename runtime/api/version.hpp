#pragma once

// What a job object was built against, as one string literal: a job runs only where all of it is the
// same. LEAT_API_VERSION grows with every change that breaks jobs built before it.

#include <absl/base/config.h>
#include <bits/c++config.h>

#define LEAT_API_VERSION 2

#define LEAT_STRING_OF(x) #x
#define LEAT_STRING(x) LEAT_STRING_OF(x)

#if defined(__SANITIZE_ADDRESS__)
#define LEAT_SANITIZER "address"
#elif defined(__SANITIZE_THREAD__)
#define LEAT_SANITIZER "thread"
#else
#define LEAT_SANITIZER "none"
#endif

#define LEAT_FINGERPRINT \
  "leat-api=" LEAT_STRING(LEAT_API_VERSION) " gcc=" LEAT_STRING(__GNUC__)                  \
  " cxxabi=" LEAT_STRING(__GXX_ABI_VERSION) " stdlib-abi=" LEAT_STRING(_GLIBCXX_USE_CXX11_ABI) \
  " absl=" LEAT_STRING(ABSL_OPTION_INLINE_NAMESPACE_NAME) " sanitizer=" LEAT_SANITIZER
