#include "govern/blocklist_rows.hpp"

#include <fmt/format.h>

#include "base/secret_box.hpp"

namespace linnet::govern {
namespace {

constexpr std::string_view kColumns =
    "id, entry_type, platform, value, match_type, reason, added_by, added_by_user, created_at, expires_at, "
    "server, address";

BlocklistEntry read_entry(const store::Statement& row) {
  BlocklistEntry entry;
  entry.id = row.text(0);
  entry.type = parse_entry_type(row.text(1)).value_or(EntryType::user);
  entry.platform = row.text(2);
  entry.value = row.text(3);
  entry.match = parse_match_type(row.text(4)).value_or(MatchType::exact);
  entry.reason = row.text(5);
  entry.added_by = parse_added_by(row.text(6)).value_or(AddedBy::user);
  entry.added_by_user = row.text(7);
  entry.created_at = row.instant(8);
  entry.expires_at = row.maybe_instant(9);
  entry.server = row.text(10);
  entry.address = row.text(11);
  return entry;
}

Status insert(store::Connection& connection, const BlocklistEntry& entry) {
  const auto platform =
      entry.platform.empty() ? store::Value() : store::Value(std::string_view(entry.platform));
  return store::run(
      connection,
      fmt::format(
          "INSERT INTO blocklist_entries ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
          kColumns),
      {std::string_view(entry.id), to_string(entry.type), platform, std::string_view(entry.value),
       to_string(entry.match), std::string_view(entry.reason), to_string(entry.added_by),
       std::string_view(entry.added_by_user), to_micros(entry.created_at), store::value_of(entry.expires_at),
       std::string_view(entry.server), std::string_view(entry.address)});
}

bool ends_before(const BlocklistEntry& one, const BlocklistEntry& other) {
  return one.expires_at && (!other.expires_at || *one.expires_at < *other.expires_at);
}

}  // namespace

Result<std::vector<BlocklistEntry>> read_entries(store::Connection& connection, std::string_view condition,
                                                 std::initializer_list<store::Value> values) {
  std::vector<BlocklistEntry> entries;
  LINNET_CHECK(store::for_each_row(
      connection, fmt::format("SELECT {} FROM blocklist_entries WHERE {}", kColumns, condition), values,
      [&](const store::Statement& row) { entries.push_back(read_entry(row)); }));
  return entries;
}

Result<std::string> read_salt(store::Connection& connection) {
  LINNET_TRY(const auto salt,
             store::query_text(connection, "SELECT salt FROM key_states WHERE name = 'fingerprints'"));
  return salt.value_or("");
}
Status make_salt(store::Connection& connection) {
  LINNET_TRY(const auto random, random_bytes(32));
  const auto salt = base64_url(random);
  return store::run(
      connection,
      "INSERT INTO key_states (name, fingerprint, salt) VALUES ('fingerprints', '', $1) ON CONFLICT "
      "(name) DO NOTHING",
      {std::string_view(salt)});
}

Result<Kept> keep(store::Connection& connection, BlocklistEntry& entry) {
  LINNET_TRY(auto same, read_entries(connection,
                                     "value = $1 AND entry_type = $2 AND match_type = $3 AND "
                                     "COALESCE(platform, '') = $4 AND added_by = $5 AND server = $6",
                                     {std::string_view(entry.value), to_string(entry.type),
                                      to_string(entry.match), std::string_view(entry.platform),
                                      to_string(entry.added_by), std::string_view(entry.server)}));
  if (same.empty()) {
    LINNET_CHECK(insert(connection, entry));
    return Kept::added;
  }
  auto& old = same.front();
  if (old.expires_at && *old.expires_at <= entry.created_at) {
    LINNET_CHECK(
        store::run(connection, "DELETE FROM blocklist_entries WHERE id = $1", {std::string_view(old.id)}));
    LINNET_CHECK(insert(connection, entry));
    return Kept::added;
  }
  const bool learns_address = old.address.empty() && !entry.address.empty();
  if (!ends_before(old, entry) && !learns_address) {
    entry = std::move(old);
    return Kept::as_it_was;
  }
  old.expires_at = entry.expires_at;
  old.address = entry.address;
  LINNET_CHECK(
      store::run(connection, "UPDATE blocklist_entries SET expires_at = $2, address = $3 WHERE id = $1",
                 {std::string_view(old.id), store::value_of(old.expires_at), std::string_view(old.address)}));
  entry = std::move(old);
  return Kept::extended;
}

}  // namespace linnet::govern
