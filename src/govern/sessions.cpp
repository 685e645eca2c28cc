// Signing in and sessions.
#include <fmt/format.h>

#include "base/hash.hpp"
#include "govern/password.hpp"
#include "govern/people.hpp"

namespace linnet::govern {
namespace {

using std::chrono::hours;

constexpr auto kIdle = hours(12);
constexpr auto kLongestSession = hours(24 * 30);

// What changing requests of the session must show: made from its token, so that a page that was loaded again
// can be told, and another site cannot guess it.
std::string csrf_of(std::string_view token) {
  return sha256_hex("linnet csrf " + std::string(token));
}

struct FoundSession {
  Who who;  // without csrf, which only the token tells
  Instant last_used{};
};

// nullopt: there is none, or it has ended, or its person may not come in.
Result<std::optional<FoundSession>> read_session(store::Database& database, std::string_view hash,
                                                 Instant now) {
  LINNET_TRY(auto reader, database.reader());
  std::optional<FoundSession> found;
  LINNET_CHECK(store::for_each_row(
      *reader,
      R"(SELECT u.id, u.name, u.role, u.extra_permissions, s.last_used_at FROM user_sessions s
         JOIN users u ON u.id = s.user_id
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_used_at > $3 AND u.is_active = 1)",
      {hash, to_micros(now), to_micros(now - kIdle)}, [&](const store::Statement& row) {
        found.emplace();
        found->who.user_id = row.text(0);
        found->who.name = row.text(1);
        found->who.permissions =
            permissions_of(parse_role(row.text(2)).value_or(Role::viewer), from_json_list(row.text(3)));
        found->who.is_person = true;
        found->who.session_id = hash;
        found->who.requests_per_minute = kSessionRequestsPerMinute;
        found->last_used = row.instant(4);
      }));
  return found;
}

Error wrong_password() {
  return Error::of(ErrorKind::denied, "the name or the password is wrong");
}

}  // namespace

Result<SignedInSession> People::sign_in(const std::string& name, const std::string& password,
                                        const std::string& remote) {
  const auto now = clock_.now();
  const auto network = throttled_address(remote);
  if (name.size() > 64) return wrong_password();
  // A try counts as a failure until it has succeeded, so that many at once are slowed down as well.
  const auto wait = throttles_.with([&](Throttles& throttles) {
    const auto longest = std::max(throttles.names.wait(name, now), throttles.addresses.wait(network, now));
    if (longest > Duration{0}) return longest;
    throttles.names.on_failure(name, now);
    throttles.addresses.on_failure(network, now);
    return longest;
  });
  const auto tell = [&](bool was_right) {
    if (tell_of_try_) tell_of_try_({name, network, was_right});
  };
  if (wait <= Duration{0}) tell(false);
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
                                     R"(SELECT id, name, role, extra_permissions, password_hash
                                        FROM users
                                        WHERE name = $1 AND is_active = 1)",
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
    throttles.addresses.forgive(network);
  });
  tell(true);
  if (is_outdated(hash)) LINNET_CHECK(renew_hash(session.who, password, hash));
  LINNET_TRY(session.token, make_access_secret("lis_"));
  session.csrf = csrf_of(session.token);
  session.who.is_person = true;
  session.who.session_id = sha256_hex(session.token);
  session.who.csrf = session.csrf;
  const auto csrf_hash = sha256_hex(session.csrf);
  LINNET_CHECK(writer_.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection,
                            R"(INSERT INTO user_sessions (token_hash, user_id, csrf_hash, created_at,
                                 last_used_at, expires_at, remote)
                               VALUES ($1, $2, $3, $4, $4, $5, $6))",
                            {std::string_view(session.who.session_id), std::string_view(session.who.user_id),
                             std::string_view(csrf_hash), to_micros(now), to_micros(now + kLongestSession),
                             std::string_view(remote)}));
    LINNET_CHECK(store::run(connection,
                            "DELETE FROM user_sessions WHERE expires_at < $1 OR last_used_at < $2",
                            {to_micros(now), to_micros(now - kIdle)}));
    LINNET_CHECK(store::run(connection, "UPDATE users SET last_seen_at = $2 WHERE id = $1",
                            {std::string_view(session.who.user_id), to_micros(now)}));
    return note(connection, session.who.name, session.who.user_id, "signed in");
  }));
  return session;
}

void People::heard(const SignInTry& elsewhere) {
  const auto now = clock_.now();
  throttles_.with([&](Throttles& throttles) {
    if (elsewhere.was_right) {
      throttles.names.on_success(elsewhere.name);
      throttles.addresses.forgive(elsewhere.network);
    } else {
      throttles.names.on_failure(elsewhere.name, now);
      throttles.addresses.on_failure(elsewhere.network, now);
    }
  });
}

Duration People::sign_in_wait(const std::string& name, const std::string& remote) const {
  const auto now = clock_.now();
  return throttles_.with([&](const Throttles& throttles) {
    return std::max(throttles.names.wait(name, now),
                    throttles.addresses.wait(throttled_address(remote), now));
  });
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
  auto done = writer_.write([&](store::Connection& connection) -> Status {
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
  LINNET_TRY(auto found, read_session(database_, hash, now));
  if (!found) return std::optional<Who>();
  auto& who = found->who;
  who.csrf = csrf_of(token);
  remember(hash, who);
  if (now - found->last_used < kTouchEvery) return std::optional(std::move(who));
  LINNET_CHECK(writer_.write([&](store::Connection& connection) {
    return store::run(connection, "UPDATE user_sessions SET last_used_at = $2 WHERE token_hash = $1",
                      {std::string_view(hash), to_micros(now)});
  }));
  return std::optional(std::move(who));
}

Result<Who> People::session_now(const std::string& session_id) {
  LINNET_TRY(auto found, read_session(database_, session_id, clock_.now()));
  if (!found) return Error::of(ErrorKind::denied, "the session has ended; sign in again");
  return std::move(found->who);
}

}  // namespace linnet::govern
