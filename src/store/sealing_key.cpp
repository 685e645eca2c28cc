#include "store/sealing_key.hpp"

namespace linnet::store {
namespace {

constexpr std::string_view kText = "linnet";
constexpr std::string_view kCurrent = "current";
constexpr std::string_view kNext = "next";
// One for both: what was begun as the next key becomes the current one.
constexpr std::string_view kContext = "key_states/current";

Status keep(Connection& connection, std::string_view name, const SecretBox& key) {
  LINNET_TRY(const auto sealed, key.seal(kText, kContext));
  return run(connection,
             "INSERT INTO key_states (name, fingerprint, salt) VALUES ($1, $2, '') ON CONFLICT (name) DO "
             "UPDATE SET fingerprint = excluded.fingerprint",
             {name, std::string_view(sealed)});
}

}  // namespace

Result<SealingKeys> sealing_keys(Connection& connection) {
  SealingKeys keys;
  LINNET_CHECK(for_each_row(connection,
                            "SELECT name, fingerprint FROM key_states WHERE name IN ('current', 'next')", {},
                            [&](const Statement& row) {
                              (row.text(0) == kNext ? keys.next : keys.current) = std::string(row.text(1));
                            }));
  return keys;
}

bool is_noted(const SecretBox& key, const std::optional<std::string>& noted) {
  return noted && key.unseal(*noted, kContext).ok();
}

Status note_key(Connection& connection, const SecretBox& key) {
  LINNET_CHECK(keep(connection, kCurrent, key));
  return run(connection, "DELETE FROM key_states WHERE name = $1", {kNext});
}

Status note_first_key(Connection& connection, const SecretBox& key,
                      const std::optional<std::string>& instead_of) {
  LINNET_TRY(const auto sealed, key.seal(kText, kContext));
  if (instead_of)
    return run(connection, "UPDATE key_states SET fingerprint = $3 WHERE name = $1 AND fingerprint = $2",
               {kCurrent, std::string_view(*instead_of), std::string_view(sealed)});
  return run(connection,
             "INSERT INTO key_states (name, fingerprint, salt) VALUES ($1, $2, '') ON CONFLICT (name) DO "
             "NOTHING",
             {kCurrent, std::string_view(sealed)});
}

Status note_next_key(Connection& connection, const SecretBox& key) {
  return keep(connection, kNext, key);
}

Status refuse_old_key(Connection& connection, const SecretBox& key) {
  LINNET_TRY(const auto keys, sealing_keys(connection));
  const bool is_right = !keys.next && (!keys.current || is_noted(key, keys.current));
  if (is_right) return {};
  return Error::of(ErrorKind::conflict,
                   "the key was changed meanwhile (linnet key): nothing was kept; begin again");
}

}  // namespace linnet::store
