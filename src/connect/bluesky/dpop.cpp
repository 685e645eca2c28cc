#include "connect/bluesky/dpop.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <boost/json.hpp>

#include "base/binary_text.hpp"
#include "base/secret_box.hpp"

namespace linnet::connect::bluesky {
namespace {

constexpr int kCoordinateBytes = 32;

template <auto free>
struct FreeBy {
  void operator()(auto* object) const { free(object); }
};
using Bio = std::unique_ptr<BIO, FreeBy<BIO_free_all>>;
using Digest = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, FreeBy<BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, FreeBy<ECDSA_SIG_free>>;

Error failed(std::string_view what) {
  return internal_error("OpenSSL: " + std::string(what));
}

std::string padded(const BIGNUM* number) {
  std::string bytes(kCoordinateBytes, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), kCoordinateBytes);
  return bytes;
}

Result<std::string> coordinate(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return failed(name);
  const Number owned(number);
  return base64_url(padded(number));
}

}  // namespace

void DpopKey::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Result<DpopKey> DpopKey::generate() {
  std::unique_ptr<EVP_PKEY, Free> key(EVP_EC_gen("P-256"));
  if (!key) return failed("no key was made");
  return DpopKey(std::move(key));
}

Result<DpopKey> DpopKey::from_pem(std::string_view pem) {
  const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::unique_ptr<EVP_PKEY, Free> key(PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr));
  if (!key || EVP_PKEY_is_a(key.get(), "EC") != 1 || EVP_PKEY_get_bits(key.get()) != 256)
    return Error::of(ErrorKind::corrupt, "the key of the sign-in is not one: sign in again");
  return DpopKey(std::move(key));
}

Result<std::string> DpopKey::pem() const {
  const Bio text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(text.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return failed("the key cannot be written");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return std::string(bytes, static_cast<std::size_t>(size));
}

Result<std::string> DpopKey::jwk() const {
  LINNET_TRY(const auto x, coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X));
  LINNET_TRY(const auto y, coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y));
  return R"({"crv":"P-256","kty":"EC","x":")" + x + R"(","y":")" + y + "\"}";
}

Result<std::string> DpopKey::sign(std::string_view message) const {
  const Digest context(EVP_MD_CTX_new());
  std::array<unsigned char, 128> der{};
  std::size_t size = der.size();
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), der.data(), &size, reinterpret_cast<const unsigned char*>(message.data()),
                     message.size()) != 1)
    return failed("cannot sign");
  const unsigned char* begin = der.data();
  const Signature signature(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(size)));
  if (!signature) return failed("cannot read its own signature");
  return padded(ECDSA_SIG_get0_r(signature.get())) + padded(ECDSA_SIG_get0_s(signature.get()));
}

Result<std::string> dpop_proof(const DpopKey& key, const DpopClaims& claims, Instant now) {
  LINNET_TRY(const auto jwk, key.jwk());
  LINNET_TRY(const auto random, random_bytes(16));
  boost::json::object payload{
      {"jti", base64_url(random)},
      {"htm", claims.method},
      {"htu", claims.url.substr(0, claims.url.find_first_of("?#"))},
      {"iat", std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count()}};
  if (!claims.nonce.empty()) payload["nonce"] = claims.nonce;
  if (!claims.token.empty()) {
    LINNET_TRY(const auto hash, sha256_bytes(claims.token));
    payload["ath"] = base64_url(hash);
  }
  const auto head = base64_url(R"({"typ":"dpop+jwt","alg":"ES256","jwk":)" + jwk + "}");
  const auto body = base64_url(boost::json::serialize(payload));
  const auto signed_part = head + "." + body;
  LINNET_TRY(const auto signature, key.sign(signed_part));
  return signed_part + "." + base64_url(signature);
}

}  // namespace linnet::connect::bluesky
