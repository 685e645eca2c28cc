#include "act/text_hasher.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <boost/json.hpp>
#include <vector>

#include "base/binary_text.hpp"
#include "base/json_members.hpp"
#include "base/log.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;

constexpr std::string_view kKeyId = "text_hashes";
constexpr std::string_view kMark = "k1:";  // in front of what is under the key
constexpr std::int64_t kStep = 500;

struct OldRow {
  std::string id, text_hash, input, guard_open, guard_done, request_hash;
};

Result<std::vector<OldRow>> read_old_rows(store::Connection& connection, const std::string& after) {
  std::vector<OldRow> rows;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT id, text_hash, input, guard_open, guard_done, request_hash FROM action_attempts
         WHERE id > $1 AND (text_hash IS NOT NULL OR request_hash IS NOT NULL) ORDER BY id LIMIT $2)",
      {std::string_view(after), kStep}, [&](const store::Statement& row) {
        const auto text = [&](int column) { return std::string(row.text(column)); };
        rows.push_back({text(0), text(1), text(2), text(3), text(4), text(5)});
      }));
  return rows;
}

std::string with(std::string text, const std::string& old, const std::string& fresh) {
  if (old.empty()) return text;
  const auto at = text.find(old);
  return at == std::string::npos ? text : text.replace(at, old.size(), fresh);
}

// Guards hold the hash as well: what was done must still be recognised.
Status put_under_key(store::Connection& connection, const TextHasher& hasher) {
  std::string after;
  while (true) {
    LINNET_TRY(auto rows, read_old_rows(connection, after));
    if (rows.empty()) return {};
    for (auto& row : rows) {
      const auto fresh = hasher.keyed(row.text_hash);
      row.input = with(std::move(row.input), row.text_hash, fresh);
      row.guard_open = with(std::move(row.guard_open), row.text_hash, fresh);
      row.guard_done = with(std::move(row.guard_done), row.text_hash, fresh);
      row.request_hash = hasher.keyed(row.request_hash);
      LINNET_CHECK(store::run(connection,
                              R"(UPDATE action_attempts
                                 SET text_hash = $2, input = $3, guard_open = $4, guard_done = $5,
                                   request_hash = $6 WHERE id = $1)",
                              {std::string_view(row.id), store::text_or_null(fresh),
                               std::string_view(row.input), store::text_or_null(row.guard_open),
                               store::text_or_null(row.guard_done), store::text_or_null(row.request_hash)}));
    }
    after = rows.back().id;
  }
}

Result<std::string> read_key(store::Connection& connection, const SecretBox& box) {
  LINNET_TRY(const auto sealed,
             store::query_text(connection, "SELECT sealed FROM sealed_keys WHERE id = $1", {kKeyId}));
  if (!sealed) return std::string();
  auto key = box.unseal(*sealed, kKeyId);
  if (key) return key;
  // With it goes no more than that what was said before is recognised.
  log::warn("the key of text hashes: {}; a new one is made", key.error().message);
  return std::string();
}

}  // namespace

Result<TextHasher> TextHasher::read(store::Connection& connection, const SecretBox& box) {
  LINNET_TRY(auto key, read_key(connection, box));
  return TextHasher(std::move(key));
}

Result<TextHasher> TextHasher::open(store::Connection& connection, const SecretBox& box) {
  LINNET_TRY(auto known, read(connection, box));
  if (!known.key_.empty()) return known;
  LINNET_TRY(auto key, random_bytes(32));
  LINNET_TRY(const auto sealed, box.seal(key, kKeyId));
  LINNET_CHECK(store::run(connection,
                          R"(INSERT INTO sealed_keys (id, sealed) VALUES ($1, $2)
                             ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed)",
                          {kKeyId, std::string_view(sealed)}));
  const TextHasher hasher(std::move(key));
  LINNET_CHECK(put_under_key(connection, hasher));
  return hasher;
}

std::string TextHasher::keyed(std::string_view plain_hash) const {
  if (plain_hash.empty() || key_.empty() || plain_hash.starts_with(kMark)) return std::string(plain_hash);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(plain_hash.data()), plain_hash.size(), hash.data(), &length);
  return std::string(kMark) + base64_url({reinterpret_cast<const char*>(hash.data()), length});
}

void TextHasher::apply(Attempt& attempt) const {
  attempt.text_hash = keyed(attempt.text_hash);
  attempt.request_hash = keyed(attempt.request_hash);
  if (const auto hash = text_in(attempt.input, "textHash"); !hash.empty())
    attempt.input["textHash"] = keyed(hash);
}

}  // namespace linnet::act
