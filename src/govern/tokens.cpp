// API tokens.
#include <fmt/format.h>

#include "base/binary_text.hpp"
#include "base/hash.hpp"
#include "base/secret_box.hpp"
#include "govern/people.hpp"
#include "govern/permissions_member.hpp"
#include "store/record/sql.hpp"

namespace linnet::govern {
namespace {

struct FoundToken {
  Who who;                 // without token_id: there is none
  bool is_active = false;  // its person
  std::optional<Instant> expires_at;
  std::optional<Instant> revoked_at;
  std::optional<Instant> last_used;
};

// By the column that tells it from others.
Result<FoundToken> read_token(store::Database& database, std::string_view column, std::string_view value) {
  LINNET_TRY(auto reader, database.reader());
  FoundToken found;
  LINNET_CHECK(store::for_each_row(
      *reader,
      fmt::format(
          R"(SELECT t.id, t.scopes, t.expires_at, t.revoked_at, t.last_used_at, u.id, u.name, u.role,
               u.extra_permissions, u.is_active, t.requests_per_minute FROM api_tokens t
             JOIN users u ON u.id = t.user_id WHERE {} = $1)",
          column),
      {value}, [&](const store::Statement& row) {
        found.who.token_id = row.text(0);
        found.expires_at = row.maybe_instant(2);
        found.revoked_at = row.maybe_instant(3);
        found.last_used = row.maybe_instant(4);
        found.who.user_id = row.text(5);
        found.who.name = row.text(6);
        found.is_active = row.integer(9) != 0;
        found.who.requests_per_minute = row.integer(10);
        // Never more than the person has now.
        const auto own =
            permissions_of(parse_role(row.text(7)).value_or(Role::viewer), from_json_list(row.text(8)));
        for (const auto scope : from_json_list(row.text(1))) {
          if (own.contains(scope)) found.who.permissions.insert(scope);
        }
      }));
  return found;
}

Status check_token(const FoundToken& found, Instant now) {
  if (found.who.token_id.empty()) return Error::of(ErrorKind::denied, "the token is not known here");
  if (found.revoked_at) return Error::of(ErrorKind::denied, "the token was revoked");
  if (!found.is_active) return Error::of(ErrorKind::denied, "the person whose token it is was deactivated");
  if (found.expires_at && *found.expires_at <= now)
    return Error::of(ErrorKind::denied, "the token has expired");
  return {};
}

Status check_limit(std::int64_t requests_per_minute) {
  if (requests_per_minute >= 1 && requests_per_minute <= kMostRequestsPerMinute) return {};
  return invalid(fmt::format("requests_per_minute: expected 1 to {}, got {}", kMostRequestsPerMinute,
                             requests_per_minute));
}

Status check_wanted(const WantedToken& wanted, Instant now) {
  if (wanted.name.empty() || wanted.name.size() > 100)
    return invalid("name: expected 1 to 100 characters, to tell the token by");
  if (wanted.expires_at && *wanted.expires_at <= now) return invalid("expires_at: expected a moment ahead");
  if (wanted.scopes.empty()) return invalid("scopes: expected at least one, such as read");
  return check_limit(wanted.requests_per_minute);
}

}  // namespace

Result<std::string> make_access_secret(std::string_view prefix) {
  LINNET_TRY(const auto random, random_bytes(32));
  return std::string(prefix) + base64_url(random);
}

Result<People::NewToken> People::create_token(const std::string& user_id, const WantedToken& wanted,
                                              const std::string& actor) {
  const auto now = clock_.now();
  LINNET_CHECK(check_wanted(wanted, now));
  LINNET_TRY(const auto user, find(user_id));
  const auto own = permissions_of(user.role, user.extra);
  for (const auto scope : wanted.scopes) {
    if (!own.contains(scope))
      return Error::of(ErrorKind::denied,
                       fmt::format("scopes: {} has no right to {}", user.name, to_string(scope)));
  }
  NewToken made;
  LINNET_TRY(made.secret, make_access_secret("lin_"));
  LINNET_TRY(made.token.id, make_uuid_v4());
  made.token.user_id = user.id;
  made.token.name = wanted.name;
  made.token.prefix = made.secret.substr(0, 10);
  made.token.scopes = wanted.scopes;
  made.token.created_at = now;
  made.token.expires_at = wanted.expires_at;
  made.token.requests_per_minute = wanted.requests_per_minute;
  const auto hash = sha256_hex(made.secret);
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(record::insert(connection, made.token, {{"token_hash", std::string_view(hash)}}));
    return note(connection, actor, user.id, "token created");
  }));
  return made;
}

Result<std::vector<ApiToken>> People::list_tokens(const std::string& user_id) {
  LINNET_TRY(auto reader, database_.reader());
  return record::find_all<ApiToken>(*reader, "$1 = '' OR user_id = $1 ORDER BY created_at, id",
                                    {std::string_view(user_id)});
}

Status People::set_token_limit(const std::string& id, std::int64_t requests_per_minute,
                               const std::string& actor) {
  LINNET_CHECK(check_limit(requests_per_minute));
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(
        connection, "UPDATE api_tokens SET requests_per_minute = $2 WHERE id = $1 AND revoked_at IS NULL",
        {std::string_view(id), requests_per_minute}));
    if (connection.changes() == 0) return not_found("token: there is no such token, or it was revoked");
    return note(connection, actor, id,
                fmt::format("token limited to {} requests a minute", requests_per_minute));
  });
  forget();
  return done;
}

Status People::revoke_token(const std::string& id, const std::string& actor) {
  auto done = writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection,
                            "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
                            {std::string_view(id), to_micros(clock_.now())}));
    if (connection.changes() == 0)
      return not_found("token: there is no such token, or it was revoked already");
    return note(connection, actor, id, "token revoked");
  });
  forget();
  return done;
}

Result<Who> People::who_has_token(const std::string& secret, const std::string& remote) {
  if (const auto known = remembered(secret, Sign::token)) return *known;
  const auto hash = sha256_hex(secret);
  const auto now = clock_.now();
  LINNET_TRY(auto found, read_token(database_, "t.token_hash", hash));
  LINNET_CHECK(check_token(found, now));
  auto& who = found.who;
  if (!found.expires_at || *found.expires_at - now > std::chrono::seconds(5)) remember(hash, who);
  if (found.last_used && now - *found.last_used < kTouchEvery) return std::move(who);
  LINNET_CHECK(writer_.write([&](store::Connection& connection) {
    return store::run(connection,
                      "UPDATE api_tokens SET last_used_at = $2, last_used_from = $3 WHERE id = $1",
                      {std::string_view(who.token_id), to_micros(now), std::string_view(remote)});
  }));
  return std::move(who);
}

Result<Who> People::token_now(const std::string& id) {
  LINNET_TRY(auto found, read_token(database_, "t.id", id));
  LINNET_CHECK(check_token(found, clock_.now()));
  return std::move(found.who);
}

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::ApiToken>() {
  using linnet::govern::ApiToken;
  static const Entity described =
      entity<ApiToken>({.name = "ApiToken", .table = "api_tokens", .care = {.person = OfPerson::ours}},
                       {
                           field<&ApiToken::id>("id").key(),
                           field<&ApiToken::user_id>("user_id"),
                           field<&ApiToken::name>("name"),
                           field<&ApiToken::prefix>("prefix"),
                           field<&ApiToken::scopes>("scopes"),
                           field<&ApiToken::created_at>("created_at"),
                           field<&ApiToken::expires_at>("expires_at"),
                           field<&ApiToken::revoked_at>("revoked_at"),
                           field<&ApiToken::last_used_at>("last_used_at"),
                           field<&ApiToken::last_used_from>("last_used_from").or_null_in_table(),
                           field<&ApiToken::requests_per_minute>("requests_per_minute"),
                       });
  return described;
}
