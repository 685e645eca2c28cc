// Which messages are kept, and which are redacted.
#include "act/messages_fixture.hpp"
#include "govern/retention.hpp"

namespace linnet::act {
namespace {

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
  EXPECT_EQ(store::query_integer(**reader,
                                 R"(SELECT COUNT(*) FROM dm_messages m
                                    JOIN dm_threads t ON t.id = m.thread_id
                                    WHERE m.content_encrypted LIKE '%words%' OR t.last_message_preview
                                      LIKE '%words%')")
                .value(),
            0);
  consent(false);
  EXPECT_TRUE(with("bea").back().is_redacted);
  EXPECT_EQ(with("bea").front().text, "Our words");
  sync();
  EXPECT_TRUE(with("bea").back().is_redacted);
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

TEST_P(Messages, CannotBeMovedOrChanged) {
  consent(true);
  sync();
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return store::run(connection,
                      R"(UPDATE dm_messages
                         SET content_encrypted = (SELECT content_encrypted FROM dm_messages
                           WHERE platform_message_id = '1')
                         WHERE platform_message_id = '2')");
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
    return store::run(
        connection,
        R"(UPDATE dm_threads SET last_message_preview = 'rubbish' WHERE last_message_preview IS NOT NULL)");
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

}  // namespace
}  // namespace linnet::act
