// Secrets at rest: AES-256-GCM, the key outside the database.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet {

// Bytes that nobody can guess, from the system's generator.
Result<std::string> random_bytes(std::size_t count);

// 32 random digits of version 4 (RFC 9562): "8c4d5a0e-…".
Result<std::string> make_uuid_v4();

// The SHA-256 of the bytes, as 32 bytes.
Result<std::string> sha256_bytes(std::string_view bytes);

class SecretBox {
 public:
  static constexpr std::size_t kKeyBytes = 32;

  // The key of `LINNET_KEY` (64 hexadecimal digits) if that is set; else one made of `LINNET_PASSPHRASE`;
  // else that of `folder`/secret.key, which is made at first use, readable by its owner alone. `invalid` when
  // the key is not 64 hexadecimal digits, `denied` when others can read the file, `unavailable` when it
  // cannot be read or written, `conflict` when a change of keys was not finished.
  static Result<SecretBox> open(const std::filesystem::path& folder);
  // The key in a file, which is made at first use, readable by its owner alone.
  static Result<SecretBox> from_file(const std::filesystem::path& path);
  // Where the key stands, and where the next one does while keys are changed.
  static std::filesystem::path key_path(const std::filesystem::path& folder);
  static std::filesystem::path next_key_path(const std::filesystem::path& folder);
  static std::filesystem::path salt_path(const std::filesystem::path& folder);
  // A key made of words by Argon2id; its salt stands in `salt_path`.
  static Result<SecretBox> from_passphrase(std::string_view words, const std::filesystem::path& folder);
  // `invalid` unless it is 64 hexadecimal digits.
  static Result<SecretBox> from_hex(std::string_view key);

  SecretBox(const SecretBox&) = default;
  SecretBox& operator=(const SecretBox&) = default;
  ~SecretBox();

  // {"iv","encrypted","authTag"}, each hexadecimal. `context` says what the secret belongs to (the row's id):
  // it is not stored, but the same is needed to unseal, so that a secret cannot be moved to another row.
  [[nodiscard]] Result<std::string> seal(std::string_view secret, std::string_view context) const;
  // `corrupt` when the text, the context or the key is not what it was sealed with.
  [[nodiscard]] Result<std::string> unseal(std::string_view sealed, std::string_view context) const;

 private:
  SecretBox() = default;
  std::array<unsigned char, kKeyBytes> key_{};
};

}  // namespace linnet
