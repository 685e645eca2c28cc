#include "govern/key_rotation.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>
#include <vector>

#include "govern/audit.hpp"
#include "govern/platform_credentials.hpp"

namespace linnet::govern {
namespace {

namespace json = boost::json;

// A column that holds secrets, each sealed for its own row.
struct SealedColumn {
  std::string_view table;
  std::string_view column;
  std::string_view member;     // of a JSON object in the column; empty: the column itself
  std::string_view id = "id";  // what names the row and what the secret is sealed for, as SQL
};
constexpr SealedColumn kColumns[] = {
    {"accounts", "credentials", ""},
    {"dm_messages", "content_encrypted", ""},
    {"dm_threads", "last_message_preview", ""},
    {"action_attempts", "input", "textEncrypted"},
    {"platform_credentials", "credential_value", "", kCredentialContext},
};
constexpr std::int64_t kStep = 500;
constexpr std::string_view kRedacted = "[REDACTED]";

struct SealedRow {
  std::string id;
  std::string value;
};

// Empty where the row holds no secret, or one under the next key already.
Result<std::string> reseal(const SealedRow& row, const std::string& sealed, const SecretBox& old,
                           const SecretBox& next) {
  if (sealed.empty() || sealed == kRedacted || next.unseal(sealed, row.id)) return std::string();
  const auto secret = old.unseal(sealed, row.id);
  if (!secret)
    return Error::of(ErrorKind::corrupt,
                     fmt::format("the secret of {} fits neither the old key nor the new one", row.id));
  return next.seal(*secret, row.id);
}

Result<std::string> reseal_row(const SealedColumn& column, const SealedRow& row, const SecretBox& old,
                               const SecretBox& next) {
  if (column.member.empty()) return reseal(row, row.value, old, next);
  boost::system::error_code code;
  auto value = json::parse(row.value, code);
  auto* const object = code ? nullptr : value.if_object();
  auto* const member = object == nullptr ? nullptr : object->if_contains(column.member);
  if (member == nullptr || !member->is_string()) return std::string();
  LINNET_TRY(const auto fresh, reseal(row, std::string(std::string_view(member->as_string())), old, next));
  if (fresh.empty()) return fresh;
  *member = fresh;
  return json::serialize(value);
}

Result<std::int64_t> reseal_column(store::Database& database, store::Writer& writer,
                                   const SealedColumn& column, const SecretBox& old, const SecretBox& next) {
  std::int64_t count = 0;
  std::string after;
  while (true) {
    std::vector<SealedRow> rows;
    {
      LINNET_TRY(auto reader, database.reader());
      LINNET_CHECK(store::for_each_row(
          *reader,
          fmt::format("SELECT {2}, {0} FROM {1} WHERE {0} IS NOT NULL AND {2} > $1 ORDER BY {2} LIMIT $2",
                      column.column, column.table, column.id),
          {std::string_view(after), kStep}, [&](const store::Statement& row) {
            rows.push_back({std::string(row.text(0)), std::string(row.text(1))});
          }));
    }
    if (rows.empty()) return count;
    LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
      for (const auto& row : rows) {
        LINNET_TRY(const auto fresh, reseal_row(column, row, old, next));
        if (fresh.empty()) continue;
        LINNET_CHECK(store::run(
            connection,
            fmt::format("UPDATE {} SET {} = $2 WHERE {} = $1", column.table, column.column, column.id),
            {std::string_view(row.id), std::string_view(fresh)}));
        ++count;
      }
      return {};
    }));
    after = rows.back().id;
  }
}

// It would go on sealing with the old key.
Status refuse_beside_serve(store::Database& database, Instant now) {
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const auto alive,
             store::query_integer(*reader, "SELECT COUNT(*) FROM workers WHERE seen_at > $1",
                                  {to_micros(now - std::chrono::seconds(5))}));
  if (alive.value_or(0) == 0) return {};
  return Error::of(ErrorKind::conflict,
                   "linnet serve is running: stop it first, so that it does not use the old key");
}

}  // namespace

Result<std::int64_t> reseal_everything(store::Database& database, store::Writer& writer, const SecretBox& old,
                                       const SecretBox& next, const std::string& actor, Instant now) {
  LINNET_CHECK(refuse_beside_serve(database, now));
  std::int64_t count = 0;
  for (const auto& column : kColumns) {
    LINNET_TRY(const auto here, reseal_column(database, writer, column, old, next));
    count += here;
  }
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    AuditEntry entry;
    LINNET_TRY(entry.run_id, make_run_id(now));
    entry.step_id = step_id(entry.run_id, 1);
    entry.event = AuditEvent::action_complete;
    entry.actor = actor;
    entry.outcome = AuditOutcome::success;
    entry.details = {{"what", "key_rotated"}, {"sealed_anew", count}};
    return append_audit(connection, std::move(entry), now);
  }));
  return count;
}

Result<std::int64_t> rotate_key_file(store::Database& database, store::Writer& writer,
                                     const std::filesystem::path& folder, const std::string& actor,
                                     Instant now) {
  // Before a next key is made: one that is there keeps every other command from starting.
  LINNET_CHECK(refuse_beside_serve(database, now));
  LINNET_TRY(const auto old, SecretBox::from_file(SecretBox::key_path(folder)));
  LINNET_TRY(const auto next, SecretBox::from_file(SecretBox::next_key_path(folder)));
  LINNET_TRY(const auto count, reseal_everything(database, writer, old, next, actor, now));
  std::error_code failed;
  std::filesystem::rename(SecretBox::next_key_path(folder), SecretBox::key_path(folder), failed);
  if (failed)
    return unavailable(fmt::format("{}: {}", SecretBox::key_path(folder).string(), failed.message()));
  return count;
}

}  // namespace linnet::govern
