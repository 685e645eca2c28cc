#include "connect/account_store.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "store/record/sql.hpp"
#include "store/sealing_key.hpp"

namespace linnet::connect {
namespace {

namespace json = boost::json;

constexpr std::string_view kFindExisting =
    "SELECT id FROM accounts WHERE platform = $1 AND instance_id = $2 AND platform_user_id = $3";
constexpr std::string_view kOnSecondSignIn = R"(
    ON CONFLICT (platform, instance_id, platform_user_id) DO UPDATE SET
      username = excluded.username, display_name = excluded.display_name, credential_state = 'ok',
      credential_error = NULL, messages_error = NULL, messages_refused_at = NULL,
      is_active = CASE WHEN accounts.credentials IS NULL THEN 1 ELSE accounts.is_active END,
      credentials = excluded.credentials, updated_at = excluded.updated_at, scopes = excluded.scopes)";
constexpr std::string_view kCredentials = "SELECT credentials FROM accounts WHERE id = $1";
constexpr std::string_view kMarkUsed = "UPDATE accounts SET last_used_at = $2 WHERE id = $1";
constexpr std::string_view kRemove = "DELETE FROM accounts WHERE id = $1";
constexpr std::string_view kRemoveWatchesOf = "DELETE FROM watches WHERE account_id = $1";
constexpr std::string_view kFindWatch = "SELECT id FROM watches WHERE instance_id = $1 AND stream = $2";
constexpr std::string_view kSetWatchActive = "UPDATE watches SET is_active = $2 WHERE id = $1";
constexpr std::string_view kRemoveWatch = "DELETE FROM watches WHERE id = $1";

std::string to_json(const Credentials& credentials) {
  json::object object{{"token", credentials.token},
                      {"client_id", credentials.client_id},
                      {"client_secret", credentials.client_secret},
                      {"refresh_token", credentials.refresh_token},
                      {"service", credentials.service},
                      {"auth_server", credentials.auth_server},
                      {"dpop_key", credentials.dpop_key}};
  if (credentials.expires_at) object["expires_at"] = to_micros(*credentials.expires_at);
  return json::serialize(object);
}

Result<Credentials> unsealed(const SecretBox& box, const std::string& sealed, const AccountId& id) {
  LINNET_TRY(const auto text, box.unseal(sealed, id.value()));
  boost::system::error_code code;
  const auto body = json::parse(text, code);
  if (code || !body.is_object()) return Error::of(ErrorKind::corrupt, "stored credentials cannot be read");
  const auto& object = body.as_object();
  Credentials credentials{text_in(object, "token"),
                          text_in(object, "client_id"),
                          text_in(object, "client_secret"),
                          text_in(object, "refresh_token"),
                          std::nullopt,
                          text_in(object, "service"),
                          text_in(object, "auth_server"),
                          text_in(object, "dpop_key")};
  if (const auto* const at = object.if_contains("expires_at"); at != nullptr && at->is_int64())
    credentials.expires_at = from_micros(at->as_int64());
  return credentials;
}

// Runs the statement; `not_found` when it changed no row.
Status run_on_one(store::Connection& connection, std::string_view sql,
                  std::initializer_list<store::Value> values, std::string_view what) {
  LINNET_CHECK(store::run(connection, sql, values));
  if (connection.changes() == 0)
    return not_found(fmt::format("there is no such {0}; linnet {0} list shows which there are", what));
  return {};
}

Error refuse_stranger(store::Connection& connection, const std::string& came, const AccountId& expected) {
  const auto name = store::query_text(connection, "SELECT username FROM accounts WHERE id = $1",
                                      {std::string_view(expected.value())});
  if (!name) return name.error();
  if (!*name)
    return not_found(
        fmt::format("account: there is none with the id \"{}\"", expected.value().substr(0, 60)));
  return Error::of(
      ErrorKind::conflict,
      fmt::format("the sign-in is {}'s, and the account is {}: sign in as {} in the browser first. "
                  "Nothing was changed",
                  came, **name, **name));
}

}  // namespace

AccountStore::AccountStore(store::Database& database, store::Writer& writer, Clock& clock,
                           const SecretBox& box)
    : database_(database), writer_(writer), clock_(clock), box_(box) {}

Result<AccountId> AccountStore::add(const NewAccount& account, const Credentials& credentials,
                                    const std::optional<AccountId>& expected, const AlsoOf& also) {
  if (credentials.token.empty()) return invalid("token: expected an access token, got nothing");
  LINNET_TRY(auto id, make_uuid_v4());
  const auto now = clock_.now();
  // The credentials are sealed for the row they go to, which may be there already: both in one transaction.
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    // The browser may have been open for minutes.
    LINNET_CHECK(store::refuse_old_key(connection, box_));
    LINNET_TRY(const auto existing,
               store::query_text(connection, kFindExisting,
                                 {std::string_view(account.platform), account.instance.value(),
                                  std::string_view(account.platform_user_id)}));
    if (expected && existing.value_or("") != expected->value())
      return refuse_stranger(connection, account.username, *expected);
    if (existing) id = *existing;
    LINNET_TRY(const auto sealed, box_.seal(to_json(credentials), id));
    Account row;
    row.id = AccountId(id);
    row.platform = account.platform;
    row.instance = account.instance;
    row.platform_user_id = account.platform_user_id;
    row.username = account.username;
    if (!account.display_name.empty()) row.display_name = account.display_name;
    row.settings = "{}";
    row.created_at = row.updated_at = now;
    const auto scopes = store::text_or_null(account.scopes);
    LINNET_CHECK(record::insert(
        connection, row, {{"credentials", std::string_view(sealed)}, {"scopes", scopes}}, kOnSecondSignIn));
    return also ? also(connection, AccountId(id)) : Status();
  }));
  return AccountId(id);
}

Result<std::vector<Account>> AccountStore::list() {
  LINNET_TRY(auto reader, database_.reader());
  return record::find_all<Account>(*reader, "1 = 1 ORDER BY created_at, id");
}

Result<Account> AccountStore::find(std::string_view id_or_username) {
  LINNET_TRY(const auto accounts, list());
  std::optional<Account> found;
  for (const auto& account : accounts) {
    if (account.id.value() == id_or_username) return account;
    if (account.username != id_or_username) continue;
    if (found) {
      return Error::of(ErrorKind::conflict,
                       fmt::format("account: \"{}\" is the name of several; use the id", id_or_username));
    }
    found = account;
  }
  if (!found)
    return not_found(fmt::format("account: there is none with the id or name \"{}\"", id_or_username));
  return *found;
}

Result<Credentials> AccountStore::credentials(const AccountId& id) {
  LINNET_TRY(auto reader, database_.reader());
  LINNET_TRY(const auto sealed, store::query_text(*reader, kCredentials, {std::string_view(id.value())}));
  if (!sealed) return not_found("there are no credentials for this account: sign in again");
  return unsealed(box_, *sealed, id);
}

Result<bool> AccountStore::renew_credentials(const AccountId& id, const Credentials& before,
                                             Credentials renewed) {
  if (renewed.token.empty()) return invalid("token: expected a new token, got nothing");
  if (renewed.refresh_token.empty()) renewed.refresh_token = before.refresh_token;
  LINNET_TRY(const auto sealed, box_.seal(to_json(renewed), id.value()));
  const auto now = clock_.now();
  bool is_kept = false;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    is_kept = false;
    LINNET_CHECK(store::refuse_old_key(connection, box_));
    LINNET_TRY(const auto found, store::query_text(connection, kCredentials, {std::string_view(id.value())}));
    // One that was removed meanwhile stays removed.
    if (!found) return not_found("there are no credentials for this account: sign in again");
    LINNET_TRY(const auto kept, unsealed(box_, *found, id));
    if (kept.token != before.token) return {};
    LINNET_CHECK(store::run(connection,
                            R"(UPDATE accounts
                               SET credentials = $2, credential_expires_at = $3, updated_at = $4
                               WHERE id = $1 AND credentials = $5)",
                            {std::string_view(id.value()), std::string_view(sealed),
                             store::value_of(renewed.expires_at), to_micros(now), std::string_view(*found)}));
    is_kept = connection.changes() > 0;
    return {};
  }));
  return is_kept;
}

Status AccountStore::mark_used(const AccountId& id) {
  const auto now = clock_.now();
  return writer_.write([&](store::Connection& connection) {
    return run_on_one(connection, kMarkUsed, {std::string_view(id.value()), to_micros(now)}, "account");
  });
}

Status AccountStore::set_settings(const AccountId& id, const std::string& settings, const Also& also) {
  const auto now = clock_.now();
  return writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(also(connection));
    return run_on_one(connection, "UPDATE accounts SET settings = $2, updated_at = $3 WHERE id = $1",
                      {std::string_view(id.value()), std::string_view(settings), to_micros(now)}, "account");
  });
}

Status AccountStore::resume(const AccountId& id, const Also& also) {
  const auto now = clock_.now();
  return writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(also(connection));
    return run_on_one(connection,
                      R"(UPDATE accounts
                         SET needs_human = 0, paused_until = NULL, pause_reason = NULL, risk = 'yellow',
                           rate_percent = CASE WHEN rate_percent < 25 THEN 25 ELSE rate_percent END,
                           updated_at = $2 WHERE id = $1)",
                      {std::string_view(id.value()), to_micros(now)}, "account");
  });
}

Status AccountStore::set_active(const AccountId& id, bool is_active, const Also& also) {
  const auto now = clock_.now();
  return writer_.write([&](store::Connection& connection) -> Status {
    LINNET_TRY(const auto signed_in,
               store::query_integer(connection,
                                    "SELECT COUNT(*) FROM accounts WHERE id = $1 AND credentials IS NOT NULL",
                                    {std::string_view(id.value())}));
    if (is_active && signed_in.value_or(0) == 0)
      return Error::of(ErrorKind::conflict, "the account was removed: add it again");
    LINNET_CHECK(also(connection));
    return run_on_one(connection, "UPDATE accounts SET is_active = $2, updated_at = $3 WHERE id = $1",
                      {std::string_view(id.value()), std::int64_t{is_active}, to_micros(now)}, "account");
  });
}

Status AccountStore::remove(const AccountId& id, const Also& also) {
  const auto now = clock_.now();
  return writer_.write([&](store::Connection& connection) -> Status {
    if (also) LINNET_CHECK(also(connection));
    LINNET_CHECK(store::run(connection, kRemoveWatchesOf, {std::string_view(id.value())}));
    LINNET_TRY(const auto acted, store::query_integer(connection,
                                                      R"(SELECT (SELECT COUNT(*) FROM action_attempts
                                                           WHERE account_id = $1) + (SELECT COUNT(*)
                                                           FROM dm_threads WHERE account_id = $1))",
                                                      {std::string_view(id.value())}));
    if (acted.value_or(0) == 0)
      return run_on_one(connection, kRemove, {std::string_view(id.value())}, "account");
    return run_on_one(connection,
                      R"(UPDATE accounts
                         SET is_active = 0, credentials = NULL, credential_state = 'signed_out',
                           updated_at = $2 WHERE id = $1)",
                      {std::string_view(id.value()), to_micros(now)}, "account");
  });
}

Result<WatchId> AccountStore::add_watch(InstanceId instance, const std::optional<AccountId>& account,
                                        const std::string& stream) {
  const auto now = clock_.now();
  std::optional<std::int64_t> id;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    const Watch watch{{}, instance, account, stream, true, now};
    LINNET_CHECK(record::insert(
        connection, watch, {},
        "ON CONFLICT (instance_id, stream) DO UPDATE SET account_id = excluded.account_id, is_active = 1"));
    LINNET_TRY(id,
               store::query_integer(connection, kFindWatch, {instance.value(), std::string_view(stream)}));
    return {};
  }));
  if (!id) return internal_error("a watch was added and is not there");
  return WatchId(*id);
}

Result<std::vector<Watch>> AccountStore::list_watches() {
  LINNET_TRY(auto reader, database_.reader());
  return record::find_all<Watch>(*reader, "1 = 1 ORDER BY id");
}

Status AccountStore::set_watch_active(WatchId id, bool is_active) {
  return writer_.write([&](store::Connection& connection) {
    return run_on_one(connection, kSetWatchActive, {id.value(), std::int64_t{is_active}}, "watch");
  });
}

Status AccountStore::remove_watch(WatchId id) {
  return writer_.write([&](store::Connection& connection) {
    return run_on_one(connection, kRemoveWatch, {id.value()}, "watch");
  });
}

}  // namespace linnet::connect

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::connect::Account>() {
  using linnet::connect::Account;
  static const Entity described =
      entity<Account>({.name = "AccountRow", .table = "accounts", .care = {.person = OfPerson::ours}},
                      {
                          field<&Account::id>("id").key(),
                          field<&Account::platform>("platform"),
                          field<&Account::instance>("instance_id"),
                          field<&Account::platform_user_id>("platform_user_id"),
                          field<&Account::username>("username"),
                          field<&Account::display_name>("display_name"),
                          field<&Account::is_active>("is_active"),
                          field<&Account::is_removed>("is_removed")
                              .worked_out("CASE WHEN credentials IS NULL THEN 1 ELSE 0 END"),
                          field<&Account::last_used_at>("last_used_at"),
                          field<&Account::settings>("settings").json(),
                          field<&Account::created_at>("created_at"),
                          field<&Account::updated_at>("updated_at"),
                      });
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::connect::Watch>() {
  using linnet::connect::Watch;
  static const Entity described =
      entity<Watch>({.name = "Watch", .table = "watches"}, {
                                                               field<&Watch::id>("id").numbered(),
                                                               field<&Watch::instance>("instance_id"),
                                                               field<&Watch::account>("account_id"),
                                                               field<&Watch::stream>("stream"),
                                                               field<&Watch::is_active>("is_active"),
                                                               field<&Watch::created_at>("created_at"),
                                                           });
  return described;
}
