#include "base/secret_box.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "base/binary_text.hpp"

namespace linnet {
namespace {

constexpr std::size_t kIvBytes = 16;       // as the engagement document has it
constexpr std::size_t kOlderIvBytes = 12;  // what was sealed before that
constexpr std::size_t kTagBytes = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Error damaged() {
  return Error::of(
      ErrorKind::corrupt,
      "a stored secret cannot be read: it was changed, or the key is not the one it was sealed with");
}

// The value of "name":"hex" in what seal() wrote; the order of the fields is free.
std::optional<std::string> hex_field(std::string_view json, std::string_view name) {
  const auto key = fmt::format("\"{}\"", name);
  auto at = json.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  json.remove_prefix(at + key.size());
  at = json.find_first_not_of(" \t\r\n:");
  if (at == std::string_view::npos || json[at] != '"') return std::nullopt;
  json.remove_prefix(at + 1);
  const auto end = json.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  return linnet::from_hex(json.substr(0, end));
}

Error file_error(const std::filesystem::path& path, std::string_view what) {
  return unavailable(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

Result<std::string> read_key_file(const std::filesystem::path& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return file_error(path, "cannot be read");
  struct stat info {};
  if (::fstat(file.descriptor(), &info) != 0) return file_error(path, "cannot be read");
  if ((info.st_mode & 077U) != 0) {
    return Error::of(ErrorKind::denied, fmt::format("{}: others can read this key; run: chmod 600 {}",
                                                    path.string(), path.string()));
  }
  char buffer[256];
  const auto size = ::read(file.descriptor(), buffer, sizeof(buffer));
  if (size < 0) return file_error(path, "cannot be read");
  std::string_view text(buffer, static_cast<std::size_t>(size));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  return std::string(text);
}

// Under another name first and then linked, so that a key is never seen half written, and two processes that
// start at once agree on one.
Status make_key_file(const std::filesystem::path& path) {
  std::error_code ignored;  // what follows says it better
  std::filesystem::create_directories(path.parent_path(), ignored);
  LINNET_TRY(const auto key, random_bytes(SecretBox::kKeyBytes));
  LINNET_TRY(const auto suffix, random_bytes(8));
  const std::filesystem::path fresh = path.string() + "." + to_hex(suffix);
  {
    const File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.is_open()) return file_error(fresh, "cannot be written");
    const auto text = to_hex(key) + "\n";
    const auto written = ::write(file.descriptor(), text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size()) || ::fsync(file.descriptor()) != 0) {
      const auto error = file_error(fresh, "cannot be written");
      ::unlink(fresh.c_str());
      return error;
    }
  }
  const bool linked = ::link(fresh.c_str(), path.c_str()) == 0 || errno == EEXIST;
  auto error = linked ? Status() : Status(file_error(path, "cannot be written"));
  ::unlink(fresh.c_str());
  return error;
}

}  // namespace

Result<std::string> random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(bytes_of(bytes), static_cast<int>(count)) != 1) {
    return unavailable("the system's random generator does not answer");
  }
  return bytes;
}

Result<std::string> make_uuid_v4() {
  LINNET_TRY(auto bytes, random_bytes(16));
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x40U);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
  auto text = to_hex(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return text;
}

Result<std::string> sha256_bytes(std::string_view bytes) {
  std::string digest(32, '\0');
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), bytes_of(digest), &size, EVP_sha256(), nullptr) != 1 ||
      size != 32) {
    return internal_error("SHA-256 is not available");
  }
  return digest;
}

SecretBox::~SecretBox() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

Result<SecretBox> SecretBox::from_hex(std::string_view key) {
  const auto bytes = linnet::from_hex(key);
  if (!bytes || bytes->size() != kKeyBytes) {
    return invalid(fmt::format("the key: expected 64 hexadecimal digits, got {} characters", key.size()));
  }
  SecretBox box;
  std::memcpy(box.key_.data(), bytes->data(), kKeyBytes);
  return box;
}

Result<SecretBox> SecretBox::open(const std::filesystem::path& folder) {
  if (const char* key = std::getenv("LINNET_KEY"); key != nullptr && *key != '\0') {
    auto box = from_hex(key);
    if (!box) return invalid("LINNET_KEY: expected 64 hexadecimal digits");
    return box;
  }
  const auto path = key_path(folder);
  std::error_code ignored;
  if (std::filesystem::exists(next_key_path(folder), ignored)) {
    return Error::of(ErrorKind::conflict,
                     "a change of keys was begun and not finished; run: linnet key rotate");
  }
  if (const char* words = std::getenv("LINNET_PASSPHRASE"); words != nullptr && *words != '\0')
    return from_passphrase(words, folder);
  return from_file(path);
}

std::filesystem::path SecretBox::key_path(const std::filesystem::path& folder) {
  return folder / "secret.key";
}
std::filesystem::path SecretBox::salt_path(const std::filesystem::path& folder) {
  return folder / "secret.salt";
}
std::filesystem::path SecretBox::next_key_path(const std::filesystem::path& folder) {
  return folder / "secret.key.next";
}

Result<SecretBox> SecretBox::from_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) LINNET_CHECK(make_key_file(path));
  LINNET_TRY(const auto key, read_key_file(path));
  auto box = from_hex(key);
  if (!box) return invalid(fmt::format("{}: expected 64 hexadecimal digits", path.string()));
  return box;
}

// Argon2id with libsodium's «moderate» limits: 256 MiB, three passes. The salt is as long as its key file's
// key.
Result<SecretBox> SecretBox::from_passphrase(std::string_view words, const std::filesystem::path& folder) {
  constexpr std::size_t kFewest = 12;
  if (words.size() < kFewest)
    return invalid(fmt::format("LINNET_PASSPHRASE: expected {} characters or more", kFewest));
  const auto path = salt_path(folder);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) LINNET_CHECK(make_key_file(path));
  LINNET_TRY(const auto text, read_key_file(path));
  const auto salt = linnet::from_hex(text);
  if (!salt || salt->size() < crypto_pwhash_SALTBYTES)
    return invalid(fmt::format("{}: expected 64 hexadecimal digits", path.string()));
  SecretBox box;
  if (sodium_init() < 0 ||
      crypto_pwhash(box.key_.data(), box.key_.size(), words.data(), words.size(),
                    bytes_of(std::string_view(*salt)), crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
                    crypto_pwhash_argon2id_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return unavailable("there is not enough memory to make a key of the passphrase");
  return box;
}

Result<std::string> SecretBox::seal(std::string_view secret, std::string_view context) const {
  LINNET_TRY(const auto iv, random_bytes(kIvBytes));
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string encrypted(secret.size() + kTagBytes, '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  int rest = 0;
  const bool ok =
      cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_IVLEN, static_cast<int>(kIvBytes), nullptr) == 1 &&
      EVP_EncryptInit_ex(cipher.get(), nullptr, nullptr, key_.data(), bytes_of(iv)) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &rest, bytes_of(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), bytes_of(encrypted), &size, bytes_of(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes_of(encrypted) + size, &rest) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  if (!ok) return internal_error("AES-256-GCM failed");
  encrypted.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(rest));
  return fmt::format(R"({{"iv":"{}","encrypted":"{}","authTag":"{}"}})", to_hex(iv), to_hex(encrypted),
                     to_hex(tag));
}

Result<std::string> SecretBox::unseal(std::string_view sealed, std::string_view context) const {
  const auto iv = hex_field(sealed, "iv");
  const auto encrypted = hex_field(sealed, "encrypted");
  auto tag = hex_field(sealed, "authTag");
  const bool has_iv = iv && (iv->size() == kIvBytes || iv->size() == kOlderIvBytes);
  if (!has_iv || !encrypted || !tag || tag->size() != kTagBytes) return damaged();
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string secret(encrypted->size() + kTagBytes, '\0');
  int size = 0;
  int rest = 0;
  const bool ok =
      cipher && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_IVLEN, static_cast<int>(iv->size()), nullptr) == 1 &&
      EVP_DecryptInit_ex(cipher.get(), nullptr, nullptr, key_.data(), bytes_of(std::string_view(*iv))) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &rest, bytes_of(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), bytes_of(secret), &size, bytes_of(std::string_view(*encrypted)),
                        static_cast<int>(encrypted->size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag->data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes_of(secret) + size, &rest) == 1;
  if (!ok) {
    OPENSSL_cleanse(secret.data(), secret.size());
    return damaged();
  }
  secret.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(rest));
  return secret;
}

}  // namespace linnet
