#include "govern/key_rotation.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <vector>

#include "govern/audit.hpp"
#include "govern/key_guard.hpp"
#include "govern/sealed_secrets.hpp"
#include "store/sealing_key.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

constexpr std::int64_t kStep = 500;

// The row's new value; empty where it holds no secret, one under the next key already, or one that fits
// neither key and so stays as it is.
Result<std::string> reseal_row(const SealedColumn& column, const SealedRow& row, const SecretBox& old,
                               const SecretBox& next, KeyRotation& rotation) {
  const auto sealed = sealed_text(column, row);
  if (sealed.empty() || next.unseal(sealed, row.id)) return std::string();
  const auto secret = old.unseal(sealed, row.id);
  if (!secret) {
    rotation.unreadable.push_back(fmt::format("{} {}", column.what, row.id));
    return std::string();
  }
  LINNET_TRY(auto fresh, next.seal(*secret, row.id));
  if (column.member.empty()) return fresh;
  boost::system::error_code code;
  auto value = json::parse(row.value, code);
  if (code || !value.is_object()) return std::string();
  value.get_object()[column.member] = fresh;
  return json::serialize(value);
}

Status reseal_column(store::Writer& writer, const SealedColumn& column, const SecretBox& old,
                     const SecretBox& next, KeyRotation& rotation) {
  std::string after;
  while (true) {
    std::vector<SealedRow> rows;
    KeyRotation so_far;
    LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
      so_far = rotation;  // it may run again
      // Where they are written: what was read before could have been redacted, erased or signed out since,
      // and those who do so need no key.
      LINNET_TRY(rows, sealed_rows(connection, column, after, kStep));
      for (const auto& row : rows) {
        LINNET_TRY(const auto fresh, reseal_row(column, row, old, next, so_far));
        if (fresh.empty()) continue;
        LINNET_CHECK(store::run(
            connection,
            fmt::format("UPDATE {} SET {} = $2 WHERE {} = $1", column.table, column.column, column.id),
            {std::string_view(row.id), std::string_view(fresh)}));
        ++so_far.sealed_anew;
      }
      return {};
    }));
    if (rows.empty()) return {};
    rotation = std::move(so_far);
    after = rows.back().id;
  }
}

// Rows that are damaged are lost with any key; where none fits, the key is the wrong one.
Status refuse_wrong_key(store::Database& database, const std::vector<SecretBox>& keys) {
  LINNET_TRY(const auto counts, count_secrets(database, keys));
  if (counts.readable > 0 || counts.unreadable == 0) return {};
  return Error::of(
      ErrorKind::corrupt,
      fmt::format("none of the {} secrets in the database fits this key; nothing was changed. Put the "
                  "right secret.key, or LINNET_KEY, back",
                  counts.unreadable));
}

// From here on nobody stores anything under the old key any more, however long ago it was read.
Status begin(store::Database& database, store::Writer& writer, const SecretBox& old, const SecretBox& next) {
  store::SealingKeys noted;
  {
    LINNET_TRY(auto reader, database.reader());
    LINNET_TRY(noted, store::sealing_keys(*reader));
  }
  if (noted.next && !store::is_noted(next, noted.next)) {
    LINNET_TRY(const auto counts, count_secrets(database, {old, next}));
    if (counts.unreadable > 0)
      return Error::of(
          ErrorKind::conflict,
          fmt::format("a change to another next key was begun, and {} secrets may be sealed with "
                      "it: go on with that one (LINNET_NEXT_KEY, or secret.key.next)",
                      counts.unreadable));
  }
  return writer.write([&](store::Connection& connection) { return store::note_next_key(connection, next); });
}

}  // namespace

Result<KeyRotation> reseal_everything(store::Database& database, store::Writer& writer, const SecretBox& old,
                                      const SecretBox& next, const std::string& actor, Instant now) {
  LINNET_CHECK(refuse_wrong_key(database, {old, next}));
  LINNET_CHECK(begin(database, writer, old, next));
  KeyRotation rotation;
  for (const auto& column : sealed_columns())
    LINNET_CHECK(reseal_column(writer, column, old, next, rotation));
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    AuditEntry entry;
    entry.event = AuditEvent::action_complete;
    entry.actor = actor;
    entry.outcome = AuditOutcome::success;
    entry.details = {{"what", "key_rotated"},
                     {"sealed_anew", rotation.sealed_anew},
                     {"unreadable", rotation.unreadable.size()}};
    LINNET_CHECK(store::note_key(connection, next));
    return append_audit(connection, std::move(entry), now);
  }));
  return rotation;
}

Result<KeyRotation> rotate_key_file(store::Database& database, store::Writer& writer,
                                    const std::filesystem::path& folder, const std::string& actor,
                                    Instant now) {
  std::error_code failed;
  const auto file = SecretBox::key_path(folder);
  if (!std::filesystem::exists(file, failed)) {
    LINNET_TRY(const auto counts, count_secrets(database, {}));
    if (counts.unreadable > 0) return key_is_missing(file, counts.unreadable);
  }
  LINNET_TRY(const auto old, SecretBox::from_file(file));
  std::vector<SecretBox> keys{old};
  if (std::filesystem::exists(SecretBox::next_key_path(folder), failed)) {
    LINNET_TRY(const auto begun, SecretBox::from_file(SecretBox::next_key_path(folder)));
    keys.push_back(begun);
  }
  LINNET_CHECK(refuse_wrong_key(database, keys));
  LINNET_TRY(const auto next, SecretBox::from_file(SecretBox::next_key_path(folder)));
  LINNET_TRY(const auto rotation, reseal_everything(database, writer, old, next, actor, now));
  std::filesystem::rename(SecretBox::next_key_path(folder), file, failed);
  if (failed) return unavailable(fmt::format("{}: {}", file.string(), failed.message()));
  return rotation;
}

}  // namespace linnet::govern
