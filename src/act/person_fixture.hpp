// For tests: Bea, whose post was seen, and what there was between her and an own account.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "act/gate.hpp"
#include "act/person_erasure.hpp"
#include "act/person_record.hpp"
#include "analyze/followers.hpp"
#include "govern/consent.hpp"
#include "kit/database_fixture.hpp"
#include "observe/ingest.hpp"

namespace linnet::act {

namespace json = boost::json;

inline constexpr std::string_view kPost =
    R"({"received_at":"2026-08-01T10:00:00Z","event":"update","payload":{"id":"100","created_at":"2026-08-01T10:00:00Z",
"content":"<p>Bea's words</p>","replies_count":0,"reblogs_count":0,"favourites_count":1,"tags":[{"name":"tea"}],
"account":{"id":"7","username":"bea","acct":"bea"}}})";

inline constexpr std::string_view kCarlsPost =
    R"({"received_at":"2026-08-01T11:00:00Z","event":"update","payload":{"id":"200","created_at":"2026-08-01T11:00:00Z",
"content":"<p>Carl's words</p>","replies_count":0,"reblogs_count":0,"favourites_count":1,"tags":[],
"account":{"id":"8","username":"carl","acct":"carl"}}})";

class PersonTest : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    blocklist_ = std::make_unique<govern::Blocklist>(**database_, *writer_, clock_);
    observe_post();
    make_dealings();
  }

  void observe_post(std::string_view post = kPost) {
    const auto instance =
        observe::find_or_add_instance(*writer_, "https://social.example", "mastodon", clock_.now());
    auto ingest = observe::Ingest::start(**database_, *writer_, clock_, {});
    std::string line(post);
    std::erase(line, '\n');
    ASSERT_TRUE((*ingest)->submit({{*instance, line}}));
    ASSERT_TRUE((*ingest)->drain());
  }

  // An own account, a pending like of Bea's post, a message from her, her consent, an entry in the blocklist.
  void make_dealings() {
    execute(
        R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at,
             updated_at)
           VALUES ('acc', 'mastodon', 1, 'me', 'me', 0, 0))");
    Gate gate(**database_, *writer_, clock_, box_,
              [](const BlockQuestion&) { return std::optional<BlockAnswer>(); });
    NewAction like;
    like.type = model::ActionType::like;
    like.account = connect::AccountId("acc");
    like.target_id = "100";
    like.target_user_id = "7";
    const auto asked = gate.request(like, {"ada", true}, false);
    ASSERT_TRUE(asked) << asked.error().message;
    execute(
        R"(INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id,
             participant_username, discovered_at, last_synced_at)
           VALUES ('t', 'mastodon', '1', 'acc', '7', 'bea', 0, 0))");
    const auto sealed = box_.seal("A letter", "m").value();
    execute(
        R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id, content_encrypted, discovered_at) VALUES ('m', 'mastodon', '1', 't', 0, '7', ')" +
        sealed + "', 0)");
    ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
      govern::Consent consent;
      consent.user_id = "7";
      consent.type = "dm_read";
      consent.platform = "mastodon";
      consent.server_id = "social.example";
      LINNET_TRY(consent, govern::grant_consent(connection, consent, "ada", clock_.now()));
      return {};
    }));
    govern::BlocklistEntry entry;
    entry.type = govern::EntryType::user;
    entry.value = "7";
    entry.platform = "mastodon";
    entry.reason = "asked for it";
    ASSERT_TRUE(blocklist_->add(entry));
  }

  void execute(const std::string& sql) {
    const auto done = writer_->write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done) << done.error().message;
  }
  std::int64_t number(const std::string& sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(-1);
  }
  void make_search_index() {
    auto reader = (*database_)->reader();
    auto search = (*database_)->connect(store::Part::search).value();
    while (analyze::follow_with_search(**reader, *search, 100).value()) {
    }
  }
  void change_search(const std::string& sql) {
    const auto done = (*database_)->connect(store::Part::search).value()->execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }
  std::int64_t search_number(const std::string& sql) {
    auto search = (*database_)->connect(store::Part::search).value();
    return store::query_integer(*search, sql).value().value_or(-1);
  }
  std::int64_t found(const std::string& word) {
    return search_number(
        GetParam() == store::Engine::sqlite
            ? fmt::format("SELECT count(*) FROM post_search WHERE post_search MATCH '\"{}\"'",
                          word.substr(0, word.find('\'')))
            : fmt::format(R"(SELECT count(*) FROM post_search WHERE document @@ '{}'::tsquery)",
                          word.substr(0, word.find('\''))));
  }
  // In the bytes, whether or not a search would show it.
  bool index_holds(const std::string& word) {
    return search_number(
               GetParam() == store::Engine::sqlite
                   ? fmt::format(
                         R"(SELECT (SELECT count(*) FROM post_search_data WHERE instr(block,
                              CAST('{0}' AS BLOB)) > 0) + (SELECT count(*) FROM post_search_content
                              WHERE c0 LIKE '%{0}%'))",
                         word)
                   : fmt::format(R"(SELECT count(*) FROM post_search WHERE document::text LIKE '%{}%')",
                                 word)) > 0;
  }
  observe::Person bea() {
    auto reader = (*database_)->reader();
    return find_person(**reader, "bea@social.example").value();
  }

  SystemClock clock_;
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'a')).value();
  std::unique_ptr<govern::Blocklist> blocklist_;
};

}  // namespace linnet::act
