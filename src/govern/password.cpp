#include "govern/password.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <array>

namespace linnet::govern {
namespace {

constexpr std::size_t kLeast = 10;
constexpr std::size_t kMost = 1'000;
// libsodium's «interactive»: 64 MiB, two passes.
constexpr auto kOperations = crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE;
constexpr auto kMemory = crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE;

// The same password typed on another keyboard may come decomposed.
std::string normal_form(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* const nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status)) return std::string(text);
  std::string normal;
  nfc->normalize(icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int>(text.size()))),
                 status)
      .toUTF8String(normal);
  return U_FAILURE(status) ? std::string(text) : normal;
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// A hash that nothing matches, made once.
const std::string& dummy_hash() {
  static const std::string hash = hash_password("nobody has this password").value_or("");
  return hash;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  const auto length = characters_of(password);
  if (length < kLeast || length > kMost)
    return invalid(fmt::format("password: expected {} to {} characters, got {}", kLeast, kMost, length));
  if (sodium_init() < 0) return internal_error("libsodium cannot start");
  const auto normal = normal_form(password);
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(), normal.data(), normal.size(), kOperations, kMemory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    return unavailable("there is not enough memory to hash a password");
  return std::string(hash.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
  if (sodium_init() < 0) return false;
  const std::string against(hash.empty() ? std::string_view(dummy_hash()) : hash);
  const auto normal = normal_form(password.substr(0, kMost * 4));
  const bool matches = crypto_pwhash_str_verify(against.c_str(), normal.data(), normal.size()) == 0;
  return matches && !hash.empty();
}

bool is_outdated(std::string_view hash) {
  if (hash.empty() || sodium_init() < 0) return false;
  return crypto_pwhash_str_needs_rehash(std::string(hash).c_str(), kOperations, kMemory) != 0;
}

}  // namespace linnet::govern
