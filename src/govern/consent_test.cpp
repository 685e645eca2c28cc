// For whom a consent counts, what its end takes away, and that both are on record.
#include "govern/consent.hpp"

#include <gtest/gtest.h>

#include "govern/audit.hpp"
#include "kit/test_database.hpp"
#include "kit/two_servers.hpp"

namespace linnet::govern {
namespace {

const PersonKey kAdaOnA{"mastodon", "a.example", "42", ""};
const PersonKey kAdaOnB{"mastodon", "b.example", "77", ""};
const PersonKey kCarlOnB{"mastodon", "b.example", "42", ""};

class Consents : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    test::add_two_servers(*writer_);
  }

  Result<Consent> grant(const PersonKey& person) {
    Consent consent;
    consent.user_id = person.user_id;
    consent.server_id = person.server;
    consent.platform = person.platform;
    consent.type = "dm_read";
    LINNET_CHECK(writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(consent, grant_consent(connection, consent, "bo", now_));
      return {};
    }));
    return consent;
  }
  Status revoke(const PersonKey& person) {
    return writer_->write([&](store::Connection& connection) {
      return revoke_consent(connection, person, "dm_read", "bo", now_ + std::chrono::hours(1));
    });
  }
  bool agreed(const PersonKey& person) {
    auto reader = (*database_)->reader();
    return has_consent(**reader, person, "dm_read").value();
  }
  void add_message(const std::string& id, const std::string& account, const std::string& sender) {
    const auto done = writer_->write([&](store::Connection& connection) -> Status {
      LINNET_CHECK(store::run(connection,
                              R"(INSERT INTO dm_threads (id, platform, platform_thread_id, account_id,
                                   participant_id, participant_username, last_message_preview,
                                   discovered_at, last_synced_at)
                                 VALUES ($1, 'mastodon', $1, $2, $3, '', 'sealed', 0, 0))",
                              {std::string_view(id), std::string_view(account), std::string_view(sender)}));
      return store::run(connection,
                        R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id,
                             is_from_us, sender_id, content_encrypted, discovered_at)
                           VALUES ($1, 'mastodon', $1, $1, 0, $2, 'sealed', 0))",
                        {std::string_view(id), std::string_view(sender)});
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string text_of(std::string_view message) {
    auto reader = (*database_)->reader();
    return store::query_text(**reader,
                             R"(SELECT m.content_encrypted || ' ' || COALESCE(t.last_message_preview,
                                  'none') FROM dm_messages m
                                JOIN dm_threads t ON t.id = m.thread_id WHERE m.id = $1)",
                             {message})
        .value()
        .value_or("");
  }

  Instant now_{std::chrono::hours(1000)};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

TEST_P(Consents, RevokedIsRevokedWhateverTheClockSays) {
  const auto revoked = [&] {
    auto reader = (*database_)->reader();
    return has_revoked(**reader, kAdaOnA, "dm_read").value();
  };
  ASSERT_TRUE(grant(kAdaOnA));
  now_ -= std::chrono::hours(48);
  ASSERT_TRUE(revoke(kAdaOnA));
  EXPECT_FALSE(agreed(kAdaOnA));
  EXPECT_TRUE(revoked());
  // And given anew is given, though the clock says that it was earlier.
  now_ -= std::chrono::hours(48);
  ASSERT_TRUE(grant(kAdaOnA));
  EXPECT_TRUE(agreed(kAdaOnA));
  EXPECT_FALSE(revoked());
  ASSERT_TRUE(revoke(kAdaOnA));
  EXPECT_FALSE(agreed(kAdaOnA));
  EXPECT_TRUE(revoked());
}

TEST_P(Consents, CountForTheIdOnItsOwnServerAlone) {
  ASSERT_TRUE(grant(kAdaOnA));
  EXPECT_TRUE(agreed(kAdaOnA));
  EXPECT_FALSE(agreed(kCarlOnB));
  EXPECT_FALSE(agreed(kAdaOnB)) << "she was asked on the other server";
}

TEST_P(Consents, ByFullAddressCountOnEveryServer) {
  const auto given = grant({"mastodon", "", "@Ada@A.example", ""});
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(given->address, "ada@a.example");
  EXPECT_TRUE(agreed(kAdaOnA));
  EXPECT_TRUE(agreed(kAdaOnB));
  EXPECT_FALSE(agreed(kCarlOnB));
}

TEST_P(Consents, CountEverywhereWhereIdsDo) {
  const PersonKey bea{"bluesky", "", "did:plc:bea", ""};
  ASSERT_TRUE(grant(bea));
  EXPECT_TRUE(agreed(bea));
  EXPECT_FALSE(agreed({"mastodon", "", "did:plc:bea", ""}));
  EXPECT_EQ(grant({"bluesky", "", "bea.example", ""}).error().kind, ErrorKind::invalid)
      << "a handle moves on";
}

TEST_P(Consents, WithoutAServerOrOfAnUnknownPlatformAreRefused) {
  EXPECT_NE(grant({"mastodon", "", "42", ""}).error().safe.find("server:"), std::string::npos);
  EXPECT_NE(grant({"twitter", "", "42", ""}).error().safe.find("bluesky or discord or mastodon"),
            std::string::npos);
  EXPECT_NE(grant({"", "", "42", ""}).error().safe.find("bluesky or discord or mastodon"), std::string::npos);
  EXPECT_NE(revoke({"twitter", "", "42", ""}).error().safe.find("bluesky or discord or mastodon"),
            std::string::npos);
}

TEST_P(Consents, TakenBackRedactWhatWasReadUnderThemAndNoMore) {
  for (const auto& person : {kAdaOnA, kAdaOnB, kCarlOnB}) ASSERT_TRUE(grant(person));
  add_message("from-ada-a", "on-a", "42");
  add_message("from-ada-b", "on-b", "77");
  add_message("from-carl-b", "on-b", "42");
  ASSERT_TRUE(revoke(kAdaOnA));
  EXPECT_FALSE(agreed(kAdaOnA));
  EXPECT_TRUE(agreed(kCarlOnB));
  EXPECT_EQ(text_of("from-ada-a"), "[REDACTED] none");
  EXPECT_EQ(text_of("from-carl-b"), "sealed sealed");
  EXPECT_EQ(text_of("from-ada-b"), "sealed sealed") << "her other consent stands";
  ASSERT_TRUE(revoke({"mastodon", "", "ada@a.example", ""}));
  EXPECT_FALSE(agreed(kAdaOnB));
  EXPECT_EQ(text_of("from-ada-b"), "[REDACTED] none");
  EXPECT_EQ(text_of("from-carl-b"), "sealed sealed");
}

TEST_P(Consents, StandInTheAuditTrailWithWhoWroteThemDown) {
  ASSERT_TRUE(grant(kAdaOnA));
  ASSERT_TRUE(grant(kAdaOnA));  // stands already: nothing happened
  ASSERT_TRUE(revoke(kAdaOnA));
  auto reader = (*database_)->reader();
  const auto trail = list_audit(**reader, {}).value();
  ASSERT_EQ(trail.size(), 2);
  EXPECT_EQ(trail[1].details.at("what"), "consent_granted");
  EXPECT_EQ(trail[0].details.at("what"), "consent_revoked");
  for (const auto& row : trail) {
    EXPECT_EQ(row.actor, "bo");
    EXPECT_EQ(row.target_id, "42");
    EXPECT_EQ(row.details.at("server"), "a.example");
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, Consents, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::govern
