#include "govern/access.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "govern/password.hpp"
#include "govern/people.hpp"
#include "govern/sign_in_throttle.hpp"
#include "kit/test_database.hpp"

namespace linnet::govern {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(Roles, HaveWhatTheOnesBelowHave) {
  for (int i = 1; i < kRoles; ++i) {
    const auto lower = permissions_of(static_cast<Role>(i - 1));
    const auto higher = permissions_of(static_cast<Role>(i));
    EXPECT_GT(higher.size(), lower.size());
    for (const auto permission : lower) EXPECT_TRUE(higher.contains(permission));
  }
  EXPECT_EQ(permissions_of(Role::admin).size(), kPermissions);
  EXPECT_EQ(permissions_of(Role::viewer), (Permissions{Permission::open, Permission::read}));
}

TEST(Passwords, MatchInAnyUnicodeFormAndNothingElse) {
  const auto hash = hash_password("caf\u00e9 au lait").value();
  EXPECT_TRUE(hash.starts_with("$argon2id$"));
  EXPECT_TRUE(verify_password(hash, "cafe\u0301 au lait"));
  EXPECT_FALSE(verify_password(hash, "cafe au lait"));
  EXPECT_FALSE(verify_password("", "nobody has this password"));
  EXPECT_FALSE(hash_password("too short"));
}

// «correct horse», with an eighth of the memory and half the passes.
constexpr std::string_view kOldHash =
    "$argon2id$v=19$m=8192,t=1,p=1$ET3neok2VTkrhNd8+ZHdsQ$XrwhmcZ/1bz4kMC6GZabsxANqPvA5loRgZobfrSgwLo";

TEST(Passwords, KnowHashesOfOlderParameters) {
  EXPECT_TRUE(verify_password(kOldHash, "correct horse"));
  EXPECT_TRUE(is_outdated(kOldHash));
  EXPECT_FALSE(is_outdated(hash_password("correct horse").value()));
  EXPECT_FALSE(is_outdated(""));
}

TEST(SignInThrottle, SlowsGuessingAndForgets) {
  SignInThrottle throttle;
  Instant now(std::chrono::hours(100));
  for (int i = 0; i < 4; ++i) throttle.on_failure("ada", now);
  EXPECT_EQ(throttle.wait("ada", now), Duration{0});
  throttle.on_failure("ada", now);
  EXPECT_EQ(throttle.wait("ada", now), seconds(1));
  throttle.on_failure("ada", now);
  EXPECT_EQ(throttle.wait("ada", now), seconds(2));
  EXPECT_EQ(throttle.wait("bo", now), Duration{0});
  for (int i = 0; i < 50; ++i) throttle.on_failure("ada", now);
  EXPECT_EQ(throttle.wait("ada", now), minutes(15));
  EXPECT_EQ(throttle.wait("ada", now - seconds(1)), Duration{0});  // a clock that jumps back
  EXPECT_EQ(throttle.wait("ada", now + minutes(15)), Duration{0});
  throttle.on_success("ada");
  EXPECT_EQ(throttle.wait("ada", now), Duration{0});
}

TEST(SignInThrottle, ANetworkIsOneWhoTries) {
  EXPECT_EQ(throttled_address("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(throttled_address("2001:db8:1:2:3:4:5:6"), throttled_address("2001:db8:1:2:ffff::1"))
      << "whoever has one address there has them all";
  EXPECT_NE(throttled_address("2001:db8:1:2::1"), throttled_address("2001:db8:1:3::1"));
  EXPECT_NE(throttled_address("::ffff:203.0.113.7"), throttled_address("::ffff:203.0.113.8"));
  EXPECT_EQ(throttled_address("::1"), throttled_address("::1"));
  EXPECT_EQ(throttled_address(""), "");
}

// However it is used, nobody waits longer than a quarter of an hour.
RC_GTEST_PROP(SignInThrottle, NeverLocksAnybodyOut, (const std::vector<std::uint16_t>& pauses)) {
  SignInThrottle throttle;
  Instant now(std::chrono::hours(100));
  for (const auto pause : pauses) {
    now += seconds(pause);
    throttle.on_failure("ada", now);
    RC_ASSERT(throttle.wait("ada", now) <= minutes(15));
  }
}

class PeopleTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_.emplace(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    people_.emplace(**database_, *writer_, clock);
  }
  // How often the audit trail says `what` of `person`, by `actor`.
  std::int64_t noted(const std::string& actor, const std::string& person, const std::string& what) {
    auto reader = (*database_)->reader();
    const auto details = "{\"what\":\"" + what + "\"}";
    return store::query_integer(
               **reader,
               R"(SELECT COUNT(*) FROM audit_entries WHERE actor = $1 AND target_id = $2 AND details = $3)",
               {std::string_view(actor), std::string_view(person), std::string_view(details)})
        .value()
        .value_or(0);
  }

  ManualClock clock{Instant(std::chrono::hours(1'000))};
  std::optional<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::optional<People> people_;
};

TEST_P(PeopleTest, SessionsAndTokensEnd) {
  auto& database = *database_;
  auto& people = *people_;
  EXPECT_FALSE(people.has_passwords().value());
  const auto ada = people.add("ada", Role::admin, "correct horse", "test").value();
  EXPECT_TRUE(people.has_passwords().value());
  EXPECT_EQ(people.add("ada", Role::viewer, "", "test").error().kind, ErrorKind::conflict);
  EXPECT_EQ(people.add("Not A Name", Role::viewer, "", "test").error().kind, ErrorKind::invalid);
  EXPECT_EQ(people.sign_in("ada", "wrong horse!", "::1").error().kind, ErrorKind::denied);
  const auto session = people.sign_in("ada", "correct horse", "::1").value();
  EXPECT_TRUE(people.who_has_session(session.token).value()->may(Permission::people));
  clock.advance(std::chrono::hours(11));
  EXPECT_TRUE(people.who_has_session(session.token).value());
  clock.advance(std::chrono::hours(13));
  EXPECT_FALSE(people.who_has_session(session.token).value());

  const auto token =
      people.create_token(ada.id, {"backup", {Permission::read}, clock.now() + minutes(5)}, "test").value();
  EXPECT_TRUE(people.who_has_token(token.secret, "::1")->may(Permission::read));
  EXPECT_FALSE(people.who_has_token(token.secret, "::1")->may(Permission::act));
  clock.advance(minutes(6));
  EXPECT_EQ(people.who_has_token(token.secret, "::1").error().kind, ErrorKind::denied);
  // Nothing of a secret is in the tables.
  auto reader = database->reader();
  EXPECT_EQ(store::query_integer(**reader, "SELECT COUNT(*) FROM api_tokens WHERE token_hash LIKE '%lin_%'")
                .value(),
            0);
  EXPECT_EQ(people.set_role(ada.id, Role::viewer, "test").error().kind, ErrorKind::conflict);
}

// What another process revokes is noticed in moments, whatever happens to the clock meanwhile.
TEST_P(PeopleTest, RevokedStaysRevokedWhenTheClockIsPutBack) {
  People other(**database_, *writer_, clock);
  const auto ada = people_->add("ada", Role::admin, "correct horse", "test").value();
  const auto token = people_->create_token(ada.id, {"backup", {Permission::read}, {}}, "test").value();
  const auto session = people_->sign_in("ada", "correct horse", "::1").value();
  ASSERT_TRUE(people_->who_has_token(token.secret, "::1"));
  ASSERT_TRUE(people_->who_has_session(session.token).value());
  ASSERT_TRUE(other.revoke_token(token.token.id, "test"));
  ASSERT_TRUE(other.sign_out(session.who.session_id));
  clock.set(clock.now() - std::chrono::hours(5));
  EXPECT_EQ(people_->who_has_token(token.secret, "::1").error().kind, ErrorKind::denied);
  EXPECT_FALSE(people_->who_has_session(session.token).value());
}

TEST_P(PeopleTest, SigningOutIsInTheAuditTrail) {
  const auto ada = people_->add("ada", Role::admin, "correct horse", "test").value();
  const auto session = people_->sign_in("ada", "correct horse", "::1").value();
  EXPECT_TRUE(people_->sign_out(session.who.session_id));
  EXPECT_EQ(noted("ada", ada.id, "signed out"), 1);
  EXPECT_FALSE(people_->who_has_session(session.token).value());
  EXPECT_TRUE(people_->sign_out(session.who.session_id));
  EXPECT_EQ(noted("ada", ada.id, "signed out"), 1) << "a session ends once";
}

TEST_P(PeopleTest, AHashOfOlderParametersIsRenewedAtSignIn) {
  const auto ada = people_->add("ada", Role::admin, "another horse", "test").value();
  EXPECT_TRUE(writer_->write([&](store::Connection& connection) {
    return store::run(connection, "UPDATE users SET password_hash = $1", {kOldHash});
  }));
  const auto hash = [&] {
    auto reader = (*database_)->reader();
    return store::query_text(**reader, "SELECT password_hash FROM users").value().value();
  };
  EXPECT_FALSE(people_->sign_in("ada", "wrong horse!", "::1"));
  EXPECT_EQ(hash(), kOldHash) << "not by a wrong password";
  EXPECT_TRUE(people_->sign_in("ada", "correct horse", "::1"));
  const auto renewed = hash();
  EXPECT_FALSE(is_outdated(renewed));
  EXPECT_EQ(noted("ada", ada.id, "password hash renewed"), 1);
  EXPECT_TRUE(people_->sign_in("ada", "correct horse", "::1"));
  EXPECT_EQ(hash(), renewed) << "once is enough";
}

TEST_P(PeopleTest, RightsBesideTheRoleAreGivenAndTaken) {
  const auto bo = people_->add("bo", Role::viewer, "correct horse", "test").value();
  const auto session = people_->sign_in("bo", "correct horse", "::1").value();
  const auto now = [&] { return people_->who_has_session(session.token).value()->permissions; };
  EXPECT_TRUE(people_->permit(bo.id, {Permission::act, Permission::stop}, "ada"));
  EXPECT_EQ(now(), (Permissions{Permission::open, Permission::read, Permission::act, Permission::stop}));
  EXPECT_EQ(noted("ada", bo.id, "permitted act, stop"), 1);
  EXPECT_TRUE(people_->forbid(bo.id, {Permission::act}, "ada"));
  EXPECT_EQ(now(), (Permissions{Permission::open, Permission::read, Permission::stop}));
  EXPECT_EQ(people_->forbid(bo.id, {Permission::read}, "ada").error().kind, ErrorKind::conflict);
  EXPECT_TRUE(people_->set_extra(bo.id, {Permission::read, Permission::audit}, "ada"));
  EXPECT_EQ(people_->find("bo")->extra, Permissions{Permission::audit})
      << "what the role gives is not kept twice";
  EXPECT_EQ(people_->permit("nobody", {Permission::act}, "ada").error().kind, ErrorKind::not_found);
}

TEST_P(PeopleTest, WhoeverCameInIsLookedAtAgain) {
  people_->add("ada", Role::admin, "correct horse", "test").value();
  const auto bo = people_->add("bo", Role::viewer, "correct horse", "test").value();
  const auto token = people_->create_token(bo.id, {"a", {Permission::read}, {}}, "test")->token.id;
  const auto other =
      people_->create_token(bo.id, {"b", {Permission::read}, clock.now() + minutes(1)}, "test")->token.id;
  const auto session = people_->sign_in("bo", "correct horse", "::1")->who.session_id;
  EXPECT_TRUE(people_->token_now(token)->may(Permission::read));
  EXPECT_TRUE(people_->session_now(session)->may(Permission::read));
  clock.advance(minutes(2));
  EXPECT_EQ(people_->token_now(other).error().safe, "the token has expired");
  EXPECT_TRUE(people_->set_active(bo.id, false, "test"));
  EXPECT_EQ(people_->token_now(token).error().safe, "the person whose token it is was deactivated");
  EXPECT_EQ(people_->session_now(session).error().safe, "the session has ended; sign in again");
  EXPECT_TRUE(people_->set_active(bo.id, true, "test"));
  EXPECT_TRUE(people_->token_now(token));
  EXPECT_TRUE(people_->revoke_token(token, "test"));
  EXPECT_EQ(people_->token_now(token).error().safe, "the token was revoked");
}

// Another process takes the right away, and the clock is put back at the same time.
TEST_P(PeopleTest, AClockThatIsPutBackKeepsNoRightAlive) {
  People other(**database_, *writer_, clock);
  const auto ada = people_->add("ada", Role::admin, "correct horse", "test").value();
  const auto token = people_->create_token(ada.id, {"a", {Permission::read}, {}}, "test").value();
  const auto session = people_->sign_in("ada", "correct horse", "::1").value();
  EXPECT_TRUE(people_->who_has_token(token.secret, "::1"));
  EXPECT_TRUE(people_->who_has_session(session.token).value());
  EXPECT_TRUE(people_->has_passwords().value());
  EXPECT_TRUE(other.revoke_token(token.token.id, "test"));
  EXPECT_TRUE(other.sign_out_everywhere(ada.id, "test"));
  clock.advance(-minutes(60));
  EXPECT_FALSE(people_->remembered(token.secret, People::Sign::token));
  EXPECT_FALSE(people_->remembered_has_passwords());
  EXPECT_FALSE(people_->who_has_token(token.secret, "::1"));
  EXPECT_FALSE(people_->who_has_session(session.token).value());
}

TEST_P(PeopleTest, ATokenHasALimitOfItsOwn) {
  const auto ada = people_->add("ada", Role::admin, "", "test").value();
  WantedToken wanted{"a", {Permission::read}, {}};
  const auto usual = people_->create_token(ada.id, wanted, "test").value();
  EXPECT_EQ(people_->who_has_token(usual.secret, "::1")->requests_per_minute, kTokenRequestsPerMinute);
  wanted.requests_per_minute = 7;
  const auto narrow = people_->create_token(ada.id, wanted, "test").value();
  EXPECT_EQ(people_->who_has_token(narrow.secret, "::1")->requests_per_minute, 7);
  EXPECT_TRUE(people_->set_token_limit(narrow.token.id, 9, "test"));
  EXPECT_EQ(people_->who_has_token(narrow.secret, "::1")->requests_per_minute, 9) << "at once";
  EXPECT_EQ(noted("test", narrow.token.id, "token limited to 9 requests a minute"), 1);
  EXPECT_EQ(people_->set_token_limit(narrow.token.id, 0, "test").error().kind, ErrorKind::invalid);
  EXPECT_EQ(people_->set_token_limit("none", 9, "test").error().kind, ErrorKind::not_found);
  wanted.requests_per_minute = kMostRequestsPerMinute + 1;
  EXPECT_EQ(people_->create_token(ada.id, wanted, "test").error().kind, ErrorKind::invalid);
}

INSTANTIATE_TEST_SUITE_P(Engines, PeopleTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::govern
