#include "actors/tls_files.hpp"

#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <utility>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace leat::actors {

namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
void free_stack(STACK_OF(X509) * stack) {
  sk_X509_free(stack);
}

using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Store = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
// The stack alone: the certificates in it belong to others.
using Stack = std::unique_ptr<STACK_OF(X509), Deleter<free_stack>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Deleter<X509_STORE_CTX_free>>;

Error tls_error(const std::string& path, const std::string& problem) {
  return Error(ErrorKind::kInput, "TLS: " + path + " " + problem);
}

Result<std::string> read_file(const std::string& path, const std::string& what) {
  if (path.empty())
    return Error(ErrorKind::kInput,
                 "TLS needs a certificate, its key and the authority's certificate: the " + what +
                     " is missing");
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || content.empty())
    return tls_error(path, "(the " + what + ") cannot be read");
  return content;
}

Bio bio_of(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

/// Refuses keys with a passphrase instead of asking the terminal for it.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

struct Material {
  std::string certificate;
  std::string key;
  std::string ca_file;
};

Result<Material> read_material(const TlsOptions& options) {
  auto certificate = read_file(options.certificate, "certificate");
  if (!certificate)
    return certificate.error();
  auto key = read_file(options.key, "key");
  if (!key)
    return key.error();
  auto ca_file = read_file(options.ca_file, "authority's certificate");
  if (!ca_file)
    return ca_file.error();
  return Material{std::move(*certificate), std::move(*key), std::move(*ca_file)};
}

/// All certificates in a PEM file, in their order.
std::vector<Certificate> certificates_of(const std::string& pem) {
  std::vector<Certificate> certificates;
  const Bio bio = bio_of(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr))
    certificates.emplace_back(certificate);
  ERR_clear_error();  // the end of the file is reported as one
  return certificates;
}

Result<void> check_chain(const std::vector<Certificate>& chain,
                         const std::vector<Certificate>& authorities, const TlsOptions& options) {
  const Store trusted(X509_STORE_new());
  for (const auto& authority : authorities)
    X509_STORE_add_cert(trusted.get(), authority.get());
  const Stack between(sk_X509_new_null());
  for (const auto& certificate : chain)
    sk_X509_push(between.get(), certificate.get());
  const StoreContext context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), trusted.get(), chain.front().get(), between.get());
  if (X509_verify_cert(context.get()) == 1)
    return {};
  return tls_error(options.certificate,
                   "is not accepted by the authority " + options.ca_file + ": " +
                       X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
}

Result<void> check(const Material& material, const TlsOptions& options) {
  const auto chain = certificates_of(material.certificate);
  if (chain.empty())
    return tls_error(options.certificate, "holds no PEM certificate");
  const Key key(
      PEM_read_bio_PrivateKey(bio_of(material.key).get(), nullptr, no_passphrase, nullptr));
  if (!key)
    return tls_error(options.key, "holds no PEM key without a passphrase");
  if (X509_check_private_key(chain.front().get(), key.get()) != 1)
    return tls_error(options.key, "is not the key of " + options.certificate);
  const auto authorities = certificates_of(material.ca_file);
  if (authorities.empty())
    return tls_error(options.ca_file, "holds no PEM certificate");
  return check_chain(chain, authorities, options);
}

Result<void> write_private(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  ::chmod(path.c_str(), S_IRUSR | S_IWUSR);
  file << content;
  file.close();
  if (!file)
    return tls_error(path, "cannot be written");
  return {};
}

}  // namespace

Result<std::shared_ptr<const TlsFiles>> TlsFiles::prepare(const TlsOptions& options) {
  auto material = read_material(options);
  if (!material)
    return material.error();
  if (auto checked = check(*material, options); !checked)
    return checked.error();
  auto directory = TemporaryDirectory::create("leat-tls-");
  if (!directory)
    return directory.error();
  const std::shared_ptr<const TlsFiles> files(new TlsFiles(std::move(*directory)));
  for (const auto& [path, content] :
       {std::pair(files->certificate(), &material->certificate),
        std::pair(files->key(), &material->key), std::pair(files->ca_file(), &material->ca_file)})
    if (auto written = write_private(path, *content); !written)
      return written.error();
  return files;
}

}  // namespace leat::actors
