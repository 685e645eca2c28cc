// Signing in, sessions, tokens.
#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/secret_box.hpp"
#include "govern/password.hpp"
#include "govern/people.hpp"

namespace linnet::govern {
namespace {

using std::chrono::hours;

constexpr auto kIdle = hours(12);
constexpr auto kLongest = hours(24 * 30);
constexpr auto kTouchEvery = std::chrono::minutes(1);

Result<std::string> make_secret(std::string_view prefix) {
  LINNET_TRY(const auto random, random_bytes(32));
  return std::string(prefix) + base64_url(random);
}

// What changing requests of the session must show: made from its token, so that a page that was loaded again
// can be told, and another site cannot guess it.
std::string csrf_of(std::string_view token) {
  return sha256_hex("linnet csrf " + std::string(token));
}

Error wrong_password() {
  return Error::of(ErrorKind::denied, "the name or the password is wrong");
}

}  // namespace

Result<SignedInSession> People::sign_in(const std::string& name, const std::string& password,
                                        const std::string& remote) {
  const auto now = clock_.now();
  if (name.size() > 64) return wrong_password();
  // A try counts as a failure until it has succeeded, so that many at once are slowed down as well.
  const auto wait = throttles_.with([&](Throttles& throttles) {
    const auto longest = std::max(throttles.names.wait(name, now), throttles.addresses.wait(remote, now));
    if (longest > Duration{0}) return longest;
    throttles.names.on_failure(name, now);
    throttles.addresses.on_failure(remote, now);
    return longest;
  });
  if (wait > Duration{0}) {
    return Error::of(ErrorKind::rate_limited,
                     fmt::format("too many wrong passwords; try again in {} s",
                                 std::chrono::ceil<std::chrono::seconds>(wait).count()));
  }
  SignedInSession session;
  std::string hash;
  {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_CHECK(store::for_each_row(*reader,
                                     "SELECT id, name, role, extra_permissions, password_hash FROM users "
                                     "WHERE name = $1 AND is_active = 1",
                                     {std::string_view(name)}, [&](const store::Statement& row) {
                                       session.who.user_id = row.text(0);
                                       session.who.name = row.text(1);
                                       session.who.permissions =
                                           permissions_of(parse_role(row.text(2)).value_or(Role::viewer),
                                                          from_json_list(row.text(3)));
                                       hash = row.text(4);
                                     }));
  }
  const bool is_right = verify_password(hash, password);
  if (!is_right) return wrong_password();
  throttles_.with([&](Throttles& throttles) {
    throttles.names.on_success(name);
    throttles.addresses.forgive(remote);
  });
  if (is_outdated(hash)) LINNET_CHECK(renew_hash(session.who, password, hash));
  LINNET_TRY(session.token, make_secret("lis_"));
  session.csrf = csrf_of(session.token);
  session.who.is_person = true;
  session.who.session_id = sha256_hex(session.token);
  session.who.csrf = session.csrf;
  const auto csrf_hash = sha256_hex(session.csrf);
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(
        connection,
        "INSERT INTO user_sessions (token_hash, user_id, csrf_hash, created_at, last_used_at, "
        "expires_at, remote) VALUES ($1, $2, $3, $4, $4, $5, $6)",
        {std::string_view(session.who.session_id), std::string_view(session.who.user_id),
         std::string_view(csrf_hash), to_micros(now), to_micros(now + kLongest), std::string_view(remote)}));
    LINNET_CHECK(store::run(connection,
                            "DELETE FROM user_sessions WHERE expires_at < $1 OR last_used_at < $2",
                            {to_micros(now), to_micros(now - kIdle)}));
    LINNET_CHECK(store::run(connection, "UPDATE users SET last_seen_at = $2 WHERE id = $1",
                            {std::string_view(session.who.user_id), to_micros(now)}));
    return note(connection, session.who.name, session.who.user_id, "signed in");
  }));
  return session;
}

// The moment of signing in is the only one at which the password is known.
Status People::renew_hash(const Who& who, const std::string& password, const std::string& old_hash) {
  const auto hash = hash_password(password);
  // Too short for today, or no memory to spare: the old one goes on, rather than locking somebody out.
  if (!hash) return {};
  return writer_.write([&](store::Connection& connection) -> Status {
    // Not over one that was set in between.
    LINNET_CHECK(
        store::run(connection, "UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash = $3",
                   {std::string_view(who.user_id), std::string_view(*hash), std::string_view(old_hash)}));
    if (connection.changes() == 0) return {};
    return note(connection, who.name, who.user_id, "password hash renewed");
  });
}

Status People::sign_out(const std::string& session_id) {
  const auto done = writer_.write([&](store::Connection& connection) -> Status {
    std::string user_id;
    std::string name;
    LINNET_CHECK(store::for_each_row(
        connection,
        "SELECT u.id, u.name FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1",
        {std::string_view(session_id)}, [&](const store::Statement& row) {
          user_id = row.text(0);
          name = row.text(1);
        }));
    if (user_id.empty()) return {};  // it had ended already, and that is in the audit trail
    LINNET_CHECK(store::run(connection, "DELETE FROM user_sessions WHERE token_hash = $1",
                            {std::string_view(session_id)}));
    return note(connection, name, user_id, "signed out");
  });
  forget();
  return done;
}

Result<std::optional<Who>> People::who_has_session(const std::string& token) {
  if (const auto known = remembered(token, Sign::session)) return std::optional(*known);
  const auto hash = sha256_hex(token);
  const auto now = clock_.now();
  std::optional<Who> who;
  Instant last_used{};
  {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_CHECK(store::for_each_row(
        *reader,
        "SELECT u.id, u.name, u.role, u.extra_permissions, s.last_used_at FROM user_sessions s "
        "JOIN users "
        "u ON u.id = s.user_id WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_used_at > $3 AND "
        "u.is_active = "
        "1",
        {std::string_view(hash), to_micros(now), to_micros(now - kIdle)}, [&](const store::Statement& row) {
          who.emplace();
          who->user_id = row.text(0);
          who->name = row.text(1);
          who->permissions =
              permissions_of(parse_role(row.text(2)).value_or(Role::viewer), from_json_list(row.text(3)));
          who->is_person = true;
          who->session_id = hash;
          who->csrf = csrf_of(token);
          last_used = row.instant(4);
        }));
  }
  if (!who) return who;
  remember(hash, *who);
  if (now - last_used < kTouchEvery) return who;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) {
    return store::run(connection, "UPDATE user_sessions SET last_used_at = $2 WHERE token_hash = $1",
                      {std::string_view(hash), to_micros(now)});
  }));
  return who;
}

Result<People::NewToken> People::create_token(const std::string& user_id, const std::string& name,
                                              const Permissions& scopes, std::optional<Instant> expires_at,
                                              const std::string& actor) {
  const auto now = clock_.now();
  if (name.empty() || name.size() > 100)
    return invalid("name: expected 1 to 100 characters, to tell the token by");
  if (expires_at && *expires_at <= now) return invalid("expires_at: expected a moment ahead");
  if (scopes.empty()) return invalid("scopes: expected at least one, such as read");
  LINNET_TRY(const auto user, find(user_id));
  const auto own = permissions_of(user.role, user.extra);
  for (const auto scope : scopes) {
    if (!own.contains(scope))
      return Error::of(ErrorKind::denied,
                       fmt::format("scopes: {} has no right to {}", user.name, to_string(scope)));
  }
  NewToken made;
  LINNET_TRY(made.secret, make_secret("lin_"));
  LINNET_TRY(made.token.id, make_uuid_v4());
  made.token.user_id = user.id;
  made.token.name = name;
  made.token.prefix = made.secret.substr(0, 10);
  made.token.scopes = scopes;
  made.token.created_at = now;
  made.token.expires_at = expires_at;
  const auto hash = sha256_hex(made.secret);
  const auto list = to_json_list(scopes);
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(
        store::run(connection,
                   "INSERT INTO api_tokens (id, user_id, name, prefix, token_hash, scopes, created_at, "
                   "expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                   {std::string_view(made.token.id), std::string_view(user.id), std::string_view(name),
                    std::string_view(made.token.prefix), std::string_view(hash), std::string_view(list),
                    to_micros(now), store::value_of(expires_at)}));
    return note(connection, actor, user.id, "token created");
  }));
  return made;
}

Result<std::vector<ApiToken>> People::list_tokens(const std::string& user_id) {
  LINNET_TRY(auto reader, database_.reader());
  std::vector<ApiToken> tokens;
  LINNET_CHECK(store::for_each_row(*reader,
                                   "SELECT id, user_id, name, prefix, scopes, created_at, expires_at, "
                                   "revoked_at, last_used_at, last_used_from FROM "
                                   "api_tokens WHERE $1 = '' OR user_id = $1 ORDER BY created_at, id",
                                   {std::string_view(user_id)}, [&](const store::Statement& row) {
                                     tokens.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                                       std::string(row.text(2)), std::string(row.text(3)),
                                                       from_json_list(row.text(4)), row.instant(5),
                                                       row.maybe_instant(6), row.maybe_instant(7),
                                                       row.maybe_instant(8), std::string(row.text(9))});
                                   }));
  return tokens;
}

Status People::revoke_token(const std::string& id, const std::string& actor) {
  const auto done = writer_.write([&](store::Connection& connection) -> Status {
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
  Who who;
  std::optional<Instant> expires_at;
  std::optional<Instant> revoked_at;
  std::optional<Instant> last_used;
  {
    LINNET_TRY(auto reader, database_.reader());
    LINNET_CHECK(store::for_each_row(
        *reader,
        "SELECT t.id, t.scopes, t.expires_at, t.revoked_at, t.last_used_at, u.id, u.name, u.role, "
        "u.extra_permissions "
        "FROM api_tokens t JOIN users u ON u.id = t.user_id WHERE t.token_hash = $1 AND u.is_active = 1",
        {std::string_view(hash)}, [&](const store::Statement& row) {
          who.token_id = row.text(0);
          expires_at = row.maybe_instant(2);
          revoked_at = row.maybe_instant(3);
          last_used = row.maybe_instant(4);
          who.user_id = row.text(5);
          who.name = row.text(6);
          // Never more than the person has now.
          const auto own =
              permissions_of(parse_role(row.text(7)).value_or(Role::viewer), from_json_list(row.text(8)));
          for (const auto scope : from_json_list(row.text(1))) {
            if (own.contains(scope)) who.permissions.insert(scope);
          }
        }));
  }
  if (who.token_id.empty()) return Error::of(ErrorKind::denied, "the token is not known here");
  if (revoked_at) return Error::of(ErrorKind::denied, "the token was revoked");
  if (expires_at && *expires_at <= now) return Error::of(ErrorKind::denied, "the token has expired");
  if (!expires_at || *expires_at - now > std::chrono::seconds(5)) remember(hash, who);
  if (last_used && now - *last_used < kTouchEvery) return who;
  LINNET_CHECK(writer_.write([&](store::Connection& connection) {
    return store::run(connection,
                      "UPDATE api_tokens SET last_used_at = $2, last_used_from = $3 WHERE id = $1",
                      {std::string_view(who.token_id), to_micros(now), std::string_view(remote)});
  }));
  return who;
}

}  // namespace linnet::govern
