#include "govern/blocklist_rows.hpp"

#include <fmt/format.h>

#include "base/binary_text.hpp"
#include "base/secret_box.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

bool ends_before(const BlocklistEntry& one, const BlocklistEntry& other) {
  return one.expires_at && (!other.expires_at || *one.expires_at < *other.expires_at);
}

}  // namespace

Result<std::string> read_salt(store::Connection& connection) {
  LINNET_TRY(const auto salt,
             store::query_text(connection, "SELECT salt FROM key_states WHERE name = 'fingerprints'"));
  return salt.value_or("");
}
Status make_salt(store::Connection& connection) {
  LINNET_TRY(const auto random, random_bytes(32));
  const auto salt = base64_url(random);
  return store::run(connection,
                    R"(INSERT INTO key_states (name, fingerprint, salt)
                       VALUES ('fingerprints', '', $1)
                       ON CONFLICT (name) DO NOTHING)",
                    {std::string_view(salt)});
}

Result<Kept> keep(store::Connection& connection, BlocklistEntry& entry) {
  LINNET_TRY(auto same, record::find_first<BlocklistEntry>(
                            connection,
                            "value = $1 AND entry_type = $2 AND match_type = $3 AND "
                            "COALESCE(platform, '') = $4 AND added_by = $5 AND server = $6",
                            {std::string_view(entry.value), to_string(entry.type), to_string(entry.match),
                             std::string_view(entry.platform), to_string(entry.added_by),
                             std::string_view(entry.server)}));
  if (!same) {
    LINNET_CHECK(record::insert(connection, entry));
    return Kept::added;
  }
  auto& old = *same;
  if (old.expires_at && *old.expires_at <= entry.created_at) {
    LINNET_CHECK(
        store::run(connection, "DELETE FROM blocklist_entries WHERE id = $1", {std::string_view(old.id)}));
    LINNET_CHECK(record::insert(connection, entry));
    return Kept::added;
  }
  const bool learns_address = old.address.empty() && !entry.address.empty();
  if (!ends_before(old, entry) && !learns_address) {
    entry = std::move(old);
    return Kept::as_it_was;
  }
  old.expires_at = entry.expires_at;
  old.address = entry.address;
  LINNET_CHECK(record::update_only(connection, old, {"expires_at", "address"}));
  entry = std::move(old);
  return Kept::extended;
}

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::BlocklistEntry>() {
  using linnet::govern::BlocklistEntry;
  static const Entity described = entity<BlocklistEntry>(
      {.name = "BlocklistEntry",
       .table = "blocklist_entries",
       // Opt-outs stand there as the platform writes them, others in the form in which they are compared.
       .care = {.person = OfPerson::rows,
                .condition = R"(entry_type = 'user' AND match_type = 'exact' AND
                                COALESCE(platform, {platform}) = {platform} AND
                                (((lower(value) IN (lower({id}), lower({name})) OR
                                   value IN ({folded_id}, {folded_name})) AND server IN ('', {server})) OR
                                 ({address} <> '' AND (value = {address} OR address = {address}))))",
                .kept_for = "blocklist entries"}},
      {
          field<&BlocklistEntry::id>("id").key(),
          field<&BlocklistEntry::type>("entry_type"),
          field<&BlocklistEntry::platform>("platform").or_null(),
          field<&BlocklistEntry::value>("value"),
          field<&BlocklistEntry::server>("server_id").in_column("server").or_null_in_json(),
          field<&BlocklistEntry::address>("address").or_null_in_json(),
          field<&BlocklistEntry::match>("match_type"),
          field<&BlocklistEntry::reason>("reason"),
          field<&BlocklistEntry::added_by>("added_by"),
          field<&BlocklistEntry::added_by_user>("added_by_user").ours(),
          field<&BlocklistEntry::created_at>("created_at"),
          field<&BlocklistEntry::expires_at>("expires_at"),
      });
  return described;
}
