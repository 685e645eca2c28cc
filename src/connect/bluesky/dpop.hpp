// Proof that whoever shows a token also holds the key it was given to (RFC 9449), as the AT Protocol asks of
// OAuth clients: a stolen token alone is of no use.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"

struct evp_pkey_st;

namespace linnet::connect::bluesky {

// A key pair on the curve P-256. Not thread-safe while it is moved; else it may be shared.
class DpopKey {
 public:
  static Result<DpopKey> generate();
  // As pem() gave it; `corrupt` when it is not.
  static Result<DpopKey> from_pem(std::string_view pem);

  // The private key, PKCS #8.
  [[nodiscard]] Result<std::string> pem() const;
  // {"crv":"P-256","kty":"EC","x":…,"y":…}: the public key, members in the order of RFC 7638.
  [[nodiscard]] Result<std::string> jwk() const;
  // ES256 (RFC 7518, section 3.4): r and s, 32 bytes each.
  [[nodiscard]] Result<std::string> sign(std::string_view message) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit DpopKey(std::unique_ptr<evp_pkey_st, Free> key) : key_(std::move(key)) {}
  std::unique_ptr<evp_pkey_st, Free> key_;
};

struct DpopClaims {
  std::string_view method;
  std::string_view url;    // its query and fragment are left out
  std::string_view nonce;  // the server's newest; empty: none yet
  std::string_view token;  // that the request shows; empty: none
};
// The text of the header DPoP, good for one request.
Result<std::string> dpop_proof(const DpopKey& key, const DpopClaims& claims, Instant now);

}  // namespace linnet::connect::bluesky
