#include "act/messages.hpp"

#include <gtest/gtest.h>

#include "act/person_erasure.hpp"
#include "act/pretend_platform.hpp"
#include "connect/account_store.hpp"
#include "govern/blocklist.hpp"
#include "govern/consent.hpp"
#include "govern/retention.hpp"
#include "kit/test_database.hpp"
#include "kit/two_servers.hpp"

namespace linnet::act {
namespace {

// Two conversations, with Bea and with Carl.
class Correspondent final : public connect::ActingConnector {
 public:
  [[nodiscard]] connect::Capabilities capabilities() const override { return {}; }
  Result<connect::PlatformLimits> limits(const std::stop_token&) override {
    return connect::PlatformLimits{};
  }
  connect::Outcome perform(const connect::Order&, const std::stop_token&) override { return {}; }
  Result<connect::Evidence> look(const connect::Order&, const std::string&, const std::stop_token&) override {
    return connect::Evidence{};
  }
  Result<connect::Target> target(const connect::Order&, const std::stop_token&) override {
    return connect::Target{};
  }
  Result<std::vector<connect::ThreadSeen>> threads(const std::stop_token&) override {
    ++asked_;
    if (refusal_) return *refusal_;
    if (is_group_) {
      connect::ThreadSeen group{"g", "", "a group of 3", 0, false, {}, version_};
      group.is_group = true;
      return std::vector<connect::ThreadSeen>{group};
    }
    return std::vector<connect::ThreadSeen>{{"t1", "bea", "bea@x.example", unread_, false, {}, version_},
                                            {"t2", "carl", "carl@x.example", 0, false, {}, version_}};
  }
  Result<std::vector<connect::MessageSeen>> messages(const connect::ThreadSeen& thread,
                                                     const std::stop_token&) override {
    ++read_;
    if (thread.id == broken_) return *broken_by_;
    if (thread.id == "t2" || thread.id == "g") {
      std::vector<connect::MessageSeen> words{{"3", "carl", false, "Please stop.", "text", Instant{}, {}}};
      if (!carls_next_.empty()) words.push_back({"4", "carl", false, carls_next_, "text", Instant{}, {}});
      return words;
    }
    if (is_left_) return not_found("there is no such conversation");
    if (is_deleted_) {
      connect::MessageSeen gone{"1", "me", true, "", "text", Instant(std::chrono::hours(1)), {}, true};
      return std::vector<connect::MessageSeen>{std::move(gone)};
    }
    if (third_)
      return std::vector<connect::MessageSeen>{
          {"2", "bea", false, "Bea's words", "text", Instant(std::chrono::hours(2)), {}},
          {"5", "dan", false, dans_words_, "text", Instant(std::chrono::hours(3)), {}}};
    const auto at = [&](int hour) {
      return has_times_ ? std::optional(Instant(std::chrono::hours(hour))) : std::nullopt;
    };
    return std::vector<connect::MessageSeen>{{"1", "me", true, "Our words", "text", at(1), {}},
                                             {"2", "bea", false, "Bea's words", "text", at(2), {}}};
  }
  Status check_credentials(const std::stop_token&) override { return {}; }

  std::string carls_next_;
  std::string dans_words_ = "Dan's words";
  std::optional<Error> refusal_;
  std::string version_;  // of both conversations
  std::int64_t unread_ = 1;
  int asked_ = 0;
  int read_ = 0;
  bool is_left_ = false;     // Bea's conversation is gone
  bool is_deleted_ = false;  // our words to Bea are
  bool has_times_ = true;
  bool third_ = false;  // Dan is in Bea's conversation as well
  std::string broken_;  // a conversation that cannot be read
  std::optional<Error> broken_by_;
  bool is_group_ = false;  // there is nothing but a conversation of several
};

class Messages : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::postgres && test::postgres_address() == nullptr)
      GTEST_SKIP() << "no PostgreSQL";
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    test::add_two_servers(*writer_);
    blocklist_ = std::make_unique<govern::Blocklist>(**database_, *writer_, clock_);
  }
  void sync(const std::string& account = "on-a") {
    const auto done =
        sync_messages(**database_, *writer_, clock_, box_, correspondent_, connect::AccountId(account),
                      [this](const govern::PersonKey& who) -> Status {
                        left_alone_.push_back(who);
                        const auto cancelled = blocklist_->opt_out(who, "asked for it", "the person");
                        return cancelled ? Status() : cancelled.error();
                      },
                      {});
    ASSERT_TRUE(done) << done.error().message;
  }
  std::int64_t audit_rows() {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, "SELECT COUNT(*) FROM audit_entries").value().value_or(-1);
  }
  std::vector<DmMessage> with(const std::string& person, const std::string& account = "on-a") {
    auto reader = (*database_)->reader();
    const auto threads = list_threads(**reader, box_, account, 10).value();
    for (const auto& thread : threads) {
      if (thread.participant_id == person) return list_messages(**reader, box_, thread.id).value();
    }
    return {};
  }
  std::int64_t number(const std::string& sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(-1);
  }
  void erase(const std::string& address) {
    auto reader = (*database_)->reader();
    const auto person = find_person(**reader, address);
    ASSERT_TRUE(person) << person.error().message;
    const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, *person, "me");
    ASSERT_TRUE(erased) << erased.error().message;
  }
  void consent(bool grant, const std::string& who = "bea") {
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      if (!grant)
        return govern::revoke_consent(connection, {"mastodon", "a.example", who, ""}, "dm_read", "me",
                                      clock_.now());
      govern::Consent given;
      given.user_id = who;
      given.server_id = "a.example";
      given.type = "dm_read";
      given.platform = "mastodon";
      LINNET_TRY(const auto made, govern::grant_consent(connection, given, "me", clock_.now()));
      (void)made;
      return {};
    }));
  }

  ManualClock clock_{Instant(std::chrono::hours(24))};
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'b')).value();
  Correspondent correspondent_;
  std::vector<govern::PersonKey> left_alone_;
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<govern::Blocklist> blocklist_;
};

TEST_P(Messages, OneConversationThatFailsHoldsUpNoOther) {
  for (const auto kind :
       {ErrorKind::unavailable, ErrorKind::denied, ErrorKind::invalid, ErrorKind::corrupt}) {
    left_alone_.clear();
    correspondent_.broken_ = "t1";
    correspondent_.broken_by_ = Error::of(kind, "it cannot be shown");
    correspondent_.version_ = std::to_string(static_cast<int>(kind));
    const auto read = correspondent_.read_;
    sync();
    EXPECT_EQ(correspondent_.read_, read + 2);
    EXPECT_EQ(number("SELECT COUNT(*) FROM blocklist_entries WHERE value = 'carl' AND added_by = 'opt_out'"),
              1);
    EXPECT_EQ(number("SELECT COUNT(*) FROM accounts WHERE id = 'on-a' AND messages_error LIKE "
                     "'%it cannot be shown%' AND messages_refused_at IS NULL"),
              1);
  }
  const auto before = correspondent_.read_;
  sync();
  EXPECT_EQ(correspondent_.read_, before + 1) << "the one that failed, and no other, is read again";
  correspondent_.broken_.clear();
  consent(true);
  sync();
  EXPECT_EQ(with("bea").size(), 2U);
  EXPECT_EQ(number("SELECT COUNT(*) FROM accounts WHERE messages_error IS NOT NULL"), 0);
}

TEST_P(Messages, ThatAreNotToBeReadJustNowAreLeftForLater) {
  correspondent_.broken_ = "t1";
  correspondent_.broken_by_ = Error::of(ErrorKind::rate_limited, "slow down");
  const auto done =
      sync_messages(**database_, *writer_, clock_, box_, correspondent_, connect::AccountId("on-a"), {}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(correspondent_.read_, 1);
}

TEST_P(Messages, AGroupIsNamedAfterNobodyAndItsPeopleAreHeededOneByOne) {
  sync();
  correspondent_.is_group_ = true;
  sync();
  EXPECT_EQ(
      number("SELECT COUNT(*) FROM dm_threads WHERE platform_thread_id = 'g' AND participant_id = '' AND "
             "participant_username = 'a group of 3'"),
      1);
  ASSERT_EQ(left_alone_.size(), 2U);
  EXPECT_EQ(left_alone_.back().user_id, "carl");
}

TEST_P(Messages, OfOthersAreKeptOnlyWithConsentAndRedactedWithoutIt) {
  sync();
  ASSERT_EQ(with("bea").size(), 1);
  EXPECT_EQ(with("bea").front().text, "Our words");
  consent(true);
  sync();
  sync();  // nothing twice
  ASSERT_EQ(with("bea").size(), 2);
  EXPECT_EQ(with("bea").back().text, "Bea's words");
  auto reader = (*database_)->reader();
  EXPECT_EQ(list_threads(**reader, box_, "on-a", 10)->front().preview, "Bea's words");
  // Nowhere in clear.
  EXPECT_EQ(
      store::query_integer(**reader,
                           "SELECT COUNT(*) FROM dm_messages m JOIN dm_threads t ON t.id = m.thread_id WHERE "
                           "m.content_encrypted LIKE '%words%' OR t.last_message_preview LIKE '%words%'")
          .value(),
      0);
  consent(false);
  EXPECT_TRUE(with("bea").back().is_redacted);
  EXPECT_EQ(with("bea").front().text, "Our words");
  sync();
  EXPECT_TRUE(with("bea").back().is_redacted);
}

TEST_P(Messages, AreLookedAtForAWordToStop) {
  sync();
  ASSERT_FALSE(left_alone_.empty());
  EXPECT_EQ(left_alone_.front().user_id, "carl");
  EXPECT_EQ(left_alone_.front().server, "a.example");
  EXPECT_EQ(left_alone_.front().address, "carl@x.example");
}

TEST_P(Messages, OfSomebodyOnAnotherServerAreNotKeptUnderTheirNamesakesConsent) {
  consent(true);
  sync("on-b");
  EXPECT_EQ(with("bea", "on-b").size(), 1) << "ours alone";
  sync("on-a");
  EXPECT_EQ(with("bea", "on-a").size(), 2);
  auto reader = (*database_)->reader();
  EXPECT_TRUE(list_threads(**reader, box_, "on-a", 10)->front().has_consent);
  EXPECT_FALSE(list_threads(**reader, box_, "on-b", 10)->front().has_consent);
  EXPECT_EQ(list_threads(**reader, box_, "on-b", 10)->front().server_id, "b.example");
}

TEST_P(Messages, InAGroupAreKeptByTheConsentOfWhoWroteThem) {
  correspondent_.third_ = true;
  consent(true);
  sync();
  ASSERT_EQ(with("bea").size(), 1);
  EXPECT_EQ(with("bea").front().text, "Bea's words");
  EXPECT_EQ(with("bea").front().sender_id, "bea");
  auto reader = (*database_)->reader();
  EXPECT_EQ(list_threads(**reader, box_, "on-a", 10)->front().preview, "") << "Dan did not agree";
}

TEST_P(Messages, AskToStopOnceHoweverOftenTheyAreSeen) {
  sync();
  const auto rows = audit_rows();
  sync();
  sync();
  EXPECT_EQ(left_alone_.size(), 1);
  EXPECT_EQ(audit_rows(), rows);
  // Carl takes it back; the old message does not undo that, a new one does.
  ASSERT_TRUE(blocklist_->remove(blocklist_->all()->front().id, "Carl", true));
  sync();
  EXPECT_TRUE(blocklist_->all()->empty());
  correspondent_.carls_next_ = "stop it";
  sync();
  EXPECT_EQ(blocklist_->all()->size(), 1);
}

TEST_P(Messages, OfPeopleWhoWereErasedDoNotComeBack) {
  consent(true);
  sync();
  ASSERT_EQ(with("bea").size(), 2);
  erase("bea@x.example");
  erase("carl@x.example");
  ASSERT_EQ(number("SELECT COUNT(*) FROM dm_threads"), 0);
  ASSERT_EQ(number("SELECT COUNT(*) FROM blocklist_entries"), 0);
  const auto rows = audit_rows();
  sync();
  sync();
  EXPECT_EQ(number("SELECT COUNT(*) FROM dm_threads"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM dm_messages"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM blocklist_entries"), 0) << "their word to stop is an old one";
  EXPECT_EQ(audit_rows(), rows);
}

TEST_P(Messages, OfSomebodyErasedAreNotKeptFromAGroupEither) {
  correspondent_.third_ = true;
  consent(true);
  consent(true, "dan");
  ASSERT_TRUE(blocklist_->keep_fingerprint({"mastodon", "a.example", "dan", ""}));
  sync();
  ASSERT_EQ(with("bea").size(), 1);
  EXPECT_EQ(with("bea").front().sender_id, "bea");
  EXPECT_EQ(number("SELECT COUNT(*) FROM dm_threads WHERE last_message_preview IS NOT NULL"), 0);
}

TEST_P(Messages, AskToStopAlsoInAConversationWithSomebodyErased) {
  correspondent_.third_ = true;
  correspondent_.dans_words_ = "Stop, please";
  ASSERT_TRUE(blocklist_->keep_fingerprint({"mastodon", "a.example", "bea", ""}));
  sync();
  sync();
  EXPECT_TRUE(with("bea").empty());
  EXPECT_EQ(std::count_if(left_alone_.begin(), left_alone_.end(),
                          [](const auto& person) { return person.user_id == "dan"; }),
            1);
}

TEST_P(Messages, ThatRetentionRedactedStaySo) {
  consent(true);
  sync();
  clock_.advance(govern::kMessageTextsKept + std::chrono::hours(24));
  ASSERT_TRUE(govern::apply_retention(**database_, *writer_, clock_.now(), false));
  const auto readable = [&] {
    return number("SELECT COUNT(*) FROM dm_messages WHERE content_encrypted <> '[REDACTED]'") +
           number("SELECT COUNT(*) FROM dm_threads WHERE last_message_preview IS NOT NULL");
  };
  ASSERT_EQ(readable(), 0);
  const auto rows = number("SELECT COUNT(*) FROM dm_messages");
  sync();
  EXPECT_EQ(readable(), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM dm_messages"), rows);
  // Nor when their rows are gone, as in a new account or database.
  ASSERT_TRUE(writer_->write(
      [](store::Connection& connection) { return store::run(connection, "DELETE FROM dm_messages"); }));
  sync();
  EXPECT_EQ(number("SELECT COUNT(*) FROM dm_messages"), rows) << "that there were messages is known";
  EXPECT_EQ(readable(), 0);
}

TEST_P(Messages, OfUnknownTimeAreNotShownAfterTheyWereRedacted) {
  consent(true);
  correspondent_.has_times_ = false;
  sync();
  ASSERT_EQ(number("SELECT COUNT(*) FROM dm_threads WHERE last_message_preview IS NOT NULL"), 1);
  clock_.advance(govern::kMessageTextsKept + std::chrono::hours(24));
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(govern::apply_retention(**database_, *writer_, clock_.now(), false));
    EXPECT_EQ(number("SELECT COUNT(*) FROM dm_threads WHERE last_message_preview IS NOT NULL"), 0);
    sync();
    EXPECT_EQ(number("SELECT COUNT(*) FROM dm_threads WHERE last_message_preview IS NOT NULL"), 0);
  }
}

TEST_P(Messages, ThatTheAccountDeletedOnThePlatformAreRedacted) {
  consent(true);
  sync();
  correspondent_.is_deleted_ = true;
  sync();
  ASSERT_EQ(with("bea").size(), 2);
  EXPECT_TRUE(with("bea").front().is_redacted);
  EXPECT_EQ(with("bea").back().text, "Bea's words");
  auto reader = (*database_)->reader();
  const auto threads = list_threads(**reader, box_, "on-a", 10).value();
  for (const auto& thread : threads) {
    if (thread.participant_id == "bea") {
      EXPECT_EQ(thread.preview, "");
    }
  }
}

TEST_P(Messages, OfAConversationThatWasLeftInBetweenDoNotHoldUpTheOthers) {
  correspondent_.is_left_ = true;
  sync();
  EXPECT_TRUE(with("bea").empty());
  ASSERT_FALSE(left_alone_.empty());
  EXPECT_EQ(left_alone_.front().user_id, "carl");
}

TEST_P(Messages, ThatTheCredentialsDoNotCoverAreNotAskedForAgainAndAgain) {
  correspondent_.refusal_ = Error::of(ErrorKind::denied, "make another app password");
  const auto try_to_sync = [&] {
    return sync_messages(**database_, *writer_, clock_, box_, correspondent_, connect::AccountId("on-a"), {},
                         {});
  };
  const auto said = [&] {
    auto reader = (*database_)->reader();
    return store::query_text(**reader, "SELECT messages_error FROM accounts WHERE id = 'on-a'").value();
  };
  EXPECT_EQ(try_to_sync().error().kind, ErrorKind::denied);
  EXPECT_EQ(said(), "make another app password");
  EXPECT_EQ(try_to_sync().value(), 0);
  EXPECT_EQ(correspondent_.asked_, 1);
  auto reader = (*database_)->reader();
  EXPECT_EQ(
      store::query_text(**reader, "SELECT credential_state FROM accounts WHERE id = 'on-a'").value().value(),
      "ok")
      << "it can do all else";
  // Hours later, and then it works.
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return store::run(connection,
                      "UPDATE accounts SET messages_refused_at = messages_refused_at - 25000000000");
  }));
  EXPECT_FALSE(try_to_sync());
  EXPECT_EQ(correspondent_.asked_, 2);
  connect::AccountStore accounts(**database_, *writer_, clock_, box_);
  const auto account = accounts.find("on-a").value();
  connect::Credentials credentials;
  credentials.token = "another";
  ASSERT_TRUE(accounts.add(
      {account.platform, account.instance, account.platform_user_id, account.username, ""}, credentials));
  EXPECT_FALSE(said()) << "somebody signed in again";
  correspondent_.refusal_.reset();
  sync();
  EXPECT_EQ(correspondent_.asked_, 3);
  EXPECT_EQ(with("bea").size(), 1);
}

TEST_P(Messages, OfConversationsInWhichNothingIsNewAreNotReadAgain) {
  correspondent_.version_ = "one";
  sync();
  EXPECT_EQ(correspondent_.read_, 2);
  clock_.advance(std::chrono::minutes(5));
  correspondent_.unread_ = 3;
  sync();
  EXPECT_EQ(correspondent_.read_, 2);
  EXPECT_EQ(number("SELECT MAX(unread_count) FROM dm_threads"), 3) << "that is known without reading";
  correspondent_.version_ = "two";
  sync();
  EXPECT_EQ(correspondent_.read_, 4);
  // Bea agrees: what was left out is read.
  consent(true);
  clock_.advance(std::chrono::minutes(5));
  sync();
  EXPECT_EQ(correspondent_.read_, 6);
  EXPECT_EQ(with("bea").size(), 2);
  clock_.advance(std::chrono::minutes(5));
  sync();
  EXPECT_EQ(correspondent_.read_, 6);
  clock_.advance(std::chrono::hours(25));
  sync();
  EXPECT_EQ(correspondent_.read_, 8);
}

TEST_P(Messages, OfSomebodyErasedAreLookedThroughOnceForEachVersion) {
  correspondent_.version_ = "one";
  sync();
  erase("bea@x.example");
  correspondent_.read_ = 0;
  sync();
  sync();
  EXPECT_EQ(correspondent_.read_, 1);
  correspondent_.version_ = "two";
  sync();
  EXPECT_EQ(correspondent_.read_, 3) << "Carl's too";
  EXPECT_EQ(number("SELECT COUNT(*) FROM dm_threads"), 1);
  // Bea takes it back.
  ASSERT_TRUE(
      blocklist_->take_back_opt_out({"mastodon", "a.example", "bea", "bea@x.example"}, "a letter", "me"));
  sync();
  EXPECT_EQ(with("bea").size(), 1);
}

TEST_P(Messages, AreReadAgainWhereAWordToStopCouldNotBeHeeded) {
  correspondent_.version_ = "one";
  EXPECT_TRUE(sync_messages(**database_, *writer_, clock_, box_, correspondent_, connect::AccountId("on-a"),
                            [](const govern::PersonKey&) -> Status { return unavailable("not now"); }, {}))
      << "one that fails holds up no other";
  sync();
  ASSERT_EQ(left_alone_.size(), 1);
  EXPECT_EQ(left_alone_.front().user_id, "carl");
}

TEST_P(Messages, APassingFaultIsNoRefusal) {
  correspondent_.refusal_ = unavailable("come back later");
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(sync_messages(**database_, *writer_, clock_, box_, correspondent_,
                               connect::AccountId("on-a"), {}, {}));
  }
  EXPECT_EQ(correspondent_.asked_, 3);
}

TEST_P(Messages, CannotBeMovedOrChanged) {
  consent(true);
  sync();
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return store::run(
        connection,
        "UPDATE dm_messages SET content_encrypted = (SELECT content_encrypted FROM dm_messages WHERE "
        "platform_message_id = '1') WHERE platform_message_id = '2'");
  }));
  ASSERT_EQ(with("bea").size(), 2);
  EXPECT_EQ(with("bea").back().text, std::nullopt);
  EXPECT_NE(with("bea").back().text_error, "");
}

TEST_P(Messages, ThatAreDamagedDoNotKeepTheOthersBack) {
  consent(true);
  sync();
  ASSERT_TRUE(writer_->write([](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(
        connection, "UPDATE dm_messages SET content_encrypted = 'rubbish' WHERE platform_message_id = '1'"));
    return store::run(connection,
                      "UPDATE dm_threads SET last_message_preview = 'rubbish' WHERE "
                      "last_message_preview IS NOT NULL");
  }));
  ASSERT_EQ(with("bea").size(), 2);
  EXPECT_NE(with("bea").front().text_error, "");
  EXPECT_EQ(with("bea").back().text, "Bea's words");
  EXPECT_EQ(with("bea").back().text_error, "");
  auto reader = (*database_)->reader();
  const auto threads = list_threads(**reader, box_, "on-a", 10);
  ASSERT_TRUE(threads) << threads.error().message;
  EXPECT_EQ(threads->size(), 2);
  EXPECT_EQ(std::count_if(threads->begin(), threads->end(),
                          [](const auto& thread) { return !thread.preview_error.empty(); }),
            1);
}

INSTANTIATE_TEST_SUITE_P(Engines, Messages, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::act
