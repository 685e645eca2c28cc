// The people who use Linnet, their sessions and their tokens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "govern/access.hpp"
#include "govern/sign_in_throttle.hpp"
#include "store/record/entity.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

struct User {
  std::string id;
  std::string name;
  Role role = Role::viewer;
  Permissions extra;  // beside those of the role
  bool has_password = false;
  bool is_active = true;
  Instant created_at{};
  std::optional<Instant> last_seen_at;
};

// Ten a second for programs, where nothing else is said; and for a browser what several open rooms need.
inline constexpr std::int64_t kTokenRequestsPerMinute = 600;
inline constexpr std::int64_t kSessionRequestsPerMinute = 1'200;
inline constexpr std::int64_t kMostRequestsPerMinute = 1'000'000;

struct ApiToken {
  std::string id;
  std::string user_id;
  std::string name;
  std::string prefix;  // its first characters
  Permissions scopes;
  Instant created_at{};
  std::optional<Instant> expires_at;
  std::optional<Instant> revoked_at;
  std::optional<Instant> last_used_at;
  std::string last_used_from;
  std::int64_t requests_per_minute = kTokenRequestsPerMinute;
};

// What a token is to be.
struct WantedToken {
  std::string name;
  Permissions scopes;
  std::optional<Instant> expires_at;
  std::int64_t requests_per_minute = kTokenRequestsPerMinute;
};

struct SignedInSession {
  std::string token;  // for the cookie
  std::string csrf;   // for the header of changing requests
  Who who;
};

// "lin_" and 256 random bits.
Result<std::string> make_access_secret(std::string_view prefix);
// How often it is noted that a session or a token was used.
inline constexpr auto kTouchEvery = std::chrono::minutes(1);

// Somebody tried to sign in, at whichever process of those on the database.
struct SignInTry {
  std::string name;
  std::string network;
  bool was_right = false;  // said once more of one that was
};

// Thread-safe. Secrets are kept as hashes only. Every change is in the audit trail, under `actor`.
class People {
 public:
  // All outlive it.
  People(store::Database& database, store::Writer& writer, Clock& clock);

  // `invalid` names the field; `conflict` when the name is taken. An empty password: none.
  Result<User> add(const std::string& name, Role role, const std::string& password, const std::string& actor);
  Result<std::vector<User>> list();
  Result<User> find(const std::string& id_or_name);
  // `conflict` when nobody would be left who can administer.
  Status set_role(const std::string& id, Role role, const std::string& actor);
  // Rights beside those of the role, one by one or all at once.
  Status permit(const std::string& id, const Permissions& rights, const std::string& actor);
  // `conflict` where the role itself gives the right: only another role takes it away.
  Status forbid(const std::string& id, const Permissions& rights, const std::string& actor);
  Status set_extra(const std::string& id, const Permissions& rights, const std::string& actor);
  Status set_active(const std::string& id, bool is_active, const std::string& actor);
  // Ends the sessions of the person.
  Status set_password(const std::string& id, const std::string& password, const std::string& actor);
  // All sessions of the person.
  Status sign_out_everywhere(const std::string& id, const std::string& actor);

  // Whether an admin has a password: until then whoever sits at the machine may do everything.
  Result<bool> has_passwords();

  // `denied` for a wrong name or password, without saying which; `rate_limited` after too many tries.
  Result<SignedInSession> sign_in(const std::string& name, const std::string& password,
                                  const std::string& remote);
  // How long the next try for that name from there has to wait.
  [[nodiscard]] Duration sign_in_wait(const std::string& name, const std::string& remote) const;
  // Other processes slow down the same guessing: `tell` says to them what is tried here, and is set before
  // anybody tries; heard() is what they say.
  void tell_of_tries(std::function<void(const SignInTry&)> tell) { tell_of_try_ = std::move(tell); }
  void heard(const SignInTry& elsewhere);
  // Under the name of the session's own person; nothing when it has ended already.
  Status sign_out(const std::string& session_id);
  // nullopt: no such session, or it has ended. Answers from memory for a few seconds.
  Result<std::optional<Who>> who_has_session(const std::string& token);

  struct NewToken {
    std::string secret;  // shown once
    ApiToken token;
  };
  // Scopes beyond the user's own rights are refused, as is an expiry in the past.
  Result<NewToken> create_token(const std::string& user_id, const WantedToken& wanted,
                                const std::string& actor);
  // Of one person; all where `user_id` is empty.
  Result<std::vector<ApiToken>> list_tokens(const std::string& user_id);
  Status set_token_limit(const std::string& id, std::int64_t requests_per_minute, const std::string& actor);
  Status revoke_token(const std::string& id, const std::string& actor);
  // `denied` says whether it is unknown, ended or revoked.
  Result<Who> who_has_token(const std::string& secret, const std::string& remote);

  // Who somebody is now who came in by a token or a session before, for connections that stay open: asked of
  // the tables, so that what another process changed counts. `denied` says why they are out.
  Result<Who> token_now(const std::string& id);
  Result<Who> session_now(const std::string& session_id);

  // From memory alone: what was asked within the last seconds; for threads that must not wait.
  enum class Sign { session, token };
  [[nodiscard]] std::optional<Who> remembered(const std::string& secret, Sign sign) const;
  [[nodiscard]] std::optional<bool> remembered_has_passwords() const;

 private:
  // Something is known for a moment; a clock that is set back ends it, so that what was revoked meanwhile
  // counts.
  struct Moment {
    Instant from{};
    Instant until{};
    [[nodiscard]] bool holds(Instant now) const { return from <= now && now < until; }
  };
  struct Remembered {
    Who who;
    Moment moment;
  };
  struct Memory {
    std::unordered_map<std::string, Remembered> known;  // by hash
    std::optional<bool> has_passwords;
    Moment passwords;
  };
  void remember(const std::string& hash, const Who& who);
  void forget();
  Status note(store::Connection& connection, const std::string& actor, const std::string& target,
              std::string_view what);
  Status change_extra(const std::string& id, const std::string& what, const std::string& actor,
                      const std::function<Result<Permissions>(const User&)>& change);
  Status refuse_last_admin(store::Connection& connection, const std::string& id);
  Status renew_hash(const Who& who, const std::string& password, const std::string& old_hash);

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  std::function<void(const SignInTry&)> tell_of_try_;
  struct Throttles {
    SignInThrottle names;
    SignInThrottle addresses;
  };
  Guarded<Throttles> throttles_;
  Guarded<Memory> memory_;
};

// Without a password everyone who reaches the program is its owner: `denied` where `address`, which it is to
// listen on, can be reached from elsewhere.
Status refuse_to_be_open(People& people, const std::string& address);

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::User>();
template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::ApiToken>();
