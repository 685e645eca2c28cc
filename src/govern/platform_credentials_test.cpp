// Credentials of platforms: sealed, never shown, not used once they ended, sealed anew with the others.
#include "govern/platform_credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "govern/app_registrations.hpp"
#include "govern/audit.hpp"
#include "govern/key_rotation.hpp"
#include "govern/platforms.hpp"
#include "kit/test_database.hpp"

namespace linnet::govern {
namespace {

using connect::AppRegistration;
using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Instant kNow = parse_iso8601("2026-08-01T12:00:00Z").value();

class PlatformCredentialsTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    ASSERT_TRUE(fill_platforms(**database_, kNow));
    writer_ = std::move(store::Writer::start(**database_)).value();
  }
  Status set(const CredentialKey& key, const std::string& value, std::optional<Instant> expires = {},
             const std::string& platform = "mastodon") {
    return writer_->write([&](store::Connection& connection) {
      return set_platform_credential(connection, platform, key, value, expires, box_, "ada", clock_.now());
    });
  }
  Status remove(const CredentialKey& key) {
    return writer_->write([&](store::Connection& connection) {
      return remove_platform_credential(connection, "mastodon", key, "ada", clock_.now());
    });
  }
  void execute(const std::string& sql) {
    const auto done = writer_->write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done) << done.error().message;
  }
  Result<std::vector<UsableCredential>> usable(const SecretBox& box) {
    auto reader = (*database_)->reader();
    return usable_credentials(**reader, "mastodon", box, clock_.now());
  }
  std::vector<std::string> values() {
    std::vector<std::string> found;
    const auto all = usable(box_).value();
    for (const auto& one : all) found.push_back(one.value);
    return found;
  }
  std::vector<PlatformCredential> list() {
    auto reader = (*database_)->reader();
    return list_platform_credentials(**reader, "mastodon").value();
  }
  std::string stored() {
    auto reader = (*database_)->reader();
    return store::query_text(**reader, "SELECT credential_value FROM platform_credentials")
        .value()
        .value_or("");
  }
  std::string audit() {
    auto reader = (*database_)->reader();
    std::string all;
    const auto entries = list_audit(**reader, {}).value();
    for (const auto& entry : entries) all += boost::json::serialize(to_json(entry)) + "\n";
    return all;
  }
  connect::KeptApps apps(bool acts = false) {
    return kept_apps(**database_, *writer_, clock_, box_, {"mastodon", "https://a.example", acts}, "ada");
  }

  ManualClock clock_{kNow};
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'a')).value();
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

TEST_P(PlatformCredentialsTest, AreSealedAndNeverShown) {
  ASSERT_TRUE(set({"app_secret", "a.example"}, "s3cret"));
  EXPECT_THAT(values(), ElementsAre("s3cret"));
  EXPECT_THAT(stored(), HasSubstr("authTag"));
  EXPECT_THAT(stored(), Not(HasSubstr("s3cret")));
  const auto shown = list();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_TRUE(shown[0].is_encrypted);
  EXPECT_TRUE(shown[0].is_active);
  EXPECT_THAT(boost::json::serialize(to_json(shown[0])), Not(HasSubstr("s3cret")));
  EXPECT_THAT(audit(), HasSubstr("platform_credential_set"));
  EXPECT_THAT(audit(), Not(HasSubstr("s3cret")));
  ASSERT_TRUE(set({"app_secret", "a.example"}, "another"));
  EXPECT_THAT(values(), ElementsAre("another"));
}

TEST_P(PlatformCredentialsTest, EndedAndRetiredOnesAreNotUsed) {
  ASSERT_TRUE(set({"api_key", "a.example"}, "short", kNow + hours(1)));
  ASSERT_TRUE(set({"api_key", "b.example"}, "long"));
  clock_.advance(hours(2));
  EXPECT_THAT(values(), ElementsAre("long"));
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
    return retire_platform_credentials(connection, "mastodon", "b.example", "ada", clock_.now());
  }));
  EXPECT_TRUE(values().empty());
  EXPECT_FALSE(list()[1].is_active);
  ASSERT_TRUE(set({"api_key", "b.example"}, "again"));
  EXPECT_THAT(values(), ElementsAre("again"));
}

TEST_P(PlatformCredentialsTest, AreRemoved) {
  ASSERT_TRUE(set({"api_key", "a.example"}, "key"));
  ASSERT_TRUE(remove({"api_key", "a.example"}));
  EXPECT_TRUE(list().empty());
  EXPECT_EQ(remove({"api_key", "a.example"}).error().kind, ErrorKind::not_found);
  EXPECT_THAT(audit(), HasSubstr("platform_credential_removed"));
}

TEST_P(PlatformCredentialsTest, OneThatWasMovedOrTamperedWithIsRefused) {
  ASSERT_TRUE(set({"api_key", "a.example"}, "one"));
  ASSERT_TRUE(set({"api_key", "b.example"}, "two"));
  execute("UPDATE platform_credentials SET credential_key = 'c.example' WHERE credential_key = 'b.example'");
  const auto found = usable(box_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(found.error().safe,
              HasSubstr("linnet platform credential remove mastodon api_key \"c.example\""));
}

TEST_P(PlatformCredentialsTest, BadInputIsOneClearError) {
  const auto said = [](const Status& done) { return done ? std::string() : done.error().safe; };
  EXPECT_THAT(said(set({"password", "a.example"}, "x")), HasSubstr("type: expected api_key"));
  EXPECT_THAT(said(set({"api_key", ""}, "x")), HasSubstr("key: expected the host"));
  EXPECT_THAT(said(set({"api_key", " a.example"}, "x")), HasSubstr("key: expected the host"));
  EXPECT_THAT(said(set({"api_key", std::string(301, 'x')}, "x")), HasSubstr("key: expected the host"));
  EXPECT_THAT(said(set({"api_key", "a.example"}, "")), HasSubstr("value: expected one, got nothing"));
  EXPECT_THAT(said(set({"api_key", "a.example"}, "two\nlines")), HasSubstr("value: expected one line"));
  EXPECT_THAT(said(set({"api_key", "a.example"}, "x", kNow)), HasSubstr("expires_at: expected a moment"));
  EXPECT_THAT(said(set({"api_key", "a.example"}, "x", {}, "bluesky")), HasSubstr("knows no registrations"));
  EXPECT_THAT(said(set({"api_key", "a.example"}, "x", {}, "myspace")),
              HasSubstr("platform: expected one of"));
  EXPECT_TRUE(list().empty());
}

TEST_P(PlatformCredentialsTest, AreSealedAnewWithTheNextKey) {
  for (int i = 0; i < 700; ++i)
    ASSERT_TRUE(set({"api_key", "server-" + std::to_string(i) + ".example"}, std::to_string(i)));
  const auto next = SecretBox::from_hex(std::string(64, 'b')).value();
  EXPECT_EQ(reseal_everything(**database_, *writer_, box_, next, "bo", clock_.now()).value().sealed_anew,
            700);
  EXPECT_EQ(usable(next)->size(), 700U);
  EXPECT_EQ(usable(box_).error().kind, ErrorKind::corrupt);
  EXPECT_EQ(reseal_everything(**database_, *writer_, box_, next, "bo", clock_.now()).value().sealed_anew, 0);
}

AppRegistration app(const std::string& id, const std::string& redirect) {
  AppRegistration made;
  made.client_id = id;
  made.client_secret = "secret of " + id;
  made.redirect_uri = redirect;
  return made;
}

TEST_P(PlatformCredentialsTest, KeepsRegistrationsForTheirServerAndLeave) {
  ASSERT_TRUE(apps().keep(app("reads", "http://127.0.0.1:4000/callback")));
  clock_.advance(hours(1));
  ASSERT_TRUE(apps().keep(app("newer", "http://127.0.0.1:5000/callback")));
  ASSERT_TRUE(apps(true).keep(app("acts", "http://127.0.0.1:4000/callback")));
  auto found = apps().list().value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].client_id, "newer");
  EXPECT_EQ(found[1].client_id, "reads");
  EXPECT_EQ(found[1].client_secret, "secret of reads");
  EXPECT_EQ(found[1].redirect_uri, "http://127.0.0.1:4000/callback");
  EXPECT_EQ(apps(true).list()->size(), 1U);
  EXPECT_TRUE(kept_apps(**database_, *writer_, clock_, box_, {"mastodon", "https://b.example", false}, "ada")
                  .list()
                  ->empty());
  found[1].app_token = "its own";
  ASSERT_TRUE(apps().keep(found[1]));
  EXPECT_EQ(apps().list()->at(0).app_token + apps().list()->at(1).app_token, "its own");
  ASSERT_TRUE(apps().forget(found[1]));
  ASSERT_EQ(apps().list()->size(), 1U);
  EXPECT_EQ(apps().list()->front().client_id, "newer");
}

TEST_P(PlatformCredentialsTest, OneThatAPersonKeepsComesFirst) {
  ASSERT_TRUE(apps().keep(app("made here", "http://127.0.0.1:4000/callback")));
  ASSERT_TRUE(set({"api_key", "a.example"}, "by hand"));
  EXPECT_EQ(apps().list()->size(), 1U);  // without its secret it is none
  ASSERT_TRUE(set({"app_secret", "a.example"}, "by hand, too"));
  const auto found = apps().list().value();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].client_id, "by hand");
  EXPECT_EQ(found[0].redirect_uri, "");
}

INSTANTIATE_TEST_SUITE_P(Engines, PlatformCredentialsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::govern
