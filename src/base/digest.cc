#include "base/digest.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace sampan::base {

namespace {

const EVP_MD* implementation_of(digest_algorithm algorithm) {
  switch (algorithm) {
    case digest_algorithm::sha512: return EVP_sha512();
    case digest_algorithm::sha256: return EVP_sha256();
    case digest_algorithm::sha1: return EVP_sha1();
    case digest_algorithm::md5: return EVP_md5();
  }
  return nullptr;
}

void require(bool good) {
  if (!good) throw std::runtime_error("OpenSSL cannot compute this digest");
}

}  // namespace

void hasher::freeing::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

hasher::hasher(digest_algorithm algorithm) : context_(EVP_MD_CTX_new()), algorithm_(algorithm) {
  require(context_ && EVP_DigestInit_ex(context_.get(), implementation_of(algorithm), nullptr) == 1);
}

void hasher::update(std::span<const char> bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string hasher::finish() {
  std::string digest(digest_size(algorithm_), '\0');
  require(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  require(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1);
  return digest;
}

}  // namespace sampan::base
