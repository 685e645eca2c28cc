// A person as a whole: what is handed out to them, and that an erasure reaches what was done to them.
#include "act/person_erasure.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "act/gate.hpp"
#include "act/person_record.hpp"
#include "analyze/daily_summaries.hpp"
#include "analyze/followers.hpp"
#include "govern/audit.hpp"
#include "govern/consent.hpp"
#include "kit/test_database.hpp"
#include "observe/ingest.hpp"

namespace linnet::act {
namespace {

namespace json = boost::json;

constexpr std::string_view kPost =
    R"({"received_at":"2026-08-01T10:00:00Z","event":"update","payload":{"id":"100","created_at":"2026-08-01T10:00:00Z",
"content":"<p>Bea's words</p>","replies_count":0,"reblogs_count":0,"favourites_count":1,"tags":[{"name":"tea"}],
"account":{"id":"7","username":"bea","acct":"bea"}}})";

constexpr std::string_view kCarlsPost =
    R"({"received_at":"2026-08-01T11:00:00Z","event":"update","payload":{"id":"200","created_at":"2026-08-01T11:00:00Z",
"content":"<p>Carl's words</p>","replies_count":0,"reblogs_count":0,"favourites_count":1,"tags":[],
"account":{"id":"8","username":"carl","acct":"carl"}}})";

class PersonTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
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
        "INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at, "
        "updated_at) "
        "VALUES ('acc', 'mastodon', 1, 'me', 'me', 0, 0)");
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
        "INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id, "
        "participant_username, discovered_at, last_synced_at) VALUES ('t', 'mastodon', '1', 'acc', '7', "
        "'bea', 0, 0)");
    const auto sealed = box_.seal("A letter", "m").value();
    execute(
        "INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id, "
        "content_encrypted, discovered_at) VALUES ('m', 'mastodon', '1', 't', 0, '7', '" +
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
            : fmt::format("SELECT count(*) FROM post_search WHERE document @@ "
                          "'{}'::tsquery",
                          word.substr(0, word.find('\''))));
  }
  // In the bytes, whether or not a search would show it.
  bool index_holds(const std::string& word) {
    return search_number(GetParam() == store::Engine::sqlite
                             ? fmt::format("SELECT (SELECT count(*) FROM post_search_data WHERE instr(block, "
                                           "CAST('{0}' AS BLOB)) > 0) + (SELECT count(*) FROM "
                                           "post_search_content WHERE c0 LIKE '%{0}%')",
                                           word)
                             : fmt::format("SELECT count(*) FROM post_search WHERE "
                                           "document::text LIKE '%{}%'",
                                           word)) > 0;
  }
  observe::Person bea() {
    auto reader = (*database_)->reader();
    return find_person(**reader, "bea@social.example").value();
  }

  SystemClock clock_;
  SecretBox box_ = SecretBox::from_hex(std::string(64, 'a')).value();
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<govern::Blocklist> blocklist_;
};

TEST_P(PersonTest, GetsEverythingThatIsKeptOfThem) {
  const auto person = bea();
  auto reader = (*database_)->reader();
  const auto record = person_record(**reader, box_, person, clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->at("address"), "bea@social.example");
  EXPECT_EQ(record->at("accounts").as_array().size(), 1U);
  EXPECT_EQ(record->at("posts").at(0).at("content_text"), "Bea's words");
  EXPECT_EQ(record->at("posts").at(0).at("hashtags").at(0), "tea");
  EXPECT_EQ(record->at("posts").at(0).at("counts").at(0).at("favourites_count"), 1);
  EXPECT_EQ(record->at("messages").at(0).at("text"), "A letter");
  EXPECT_EQ(record->at("actions").at(0).at("action_type"), "like");
  EXPECT_EQ(record->at("consents").at(0).at("consent_type"), "dm_read");
  EXPECT_EQ(record->at("blocklist").at(0).at("reason"), "asked for it");
}

TEST_P(PersonTest, IsErasedFromAllButTheAuditTrail) {
  const auto person = bea();
  const auto counted = count_person(**(*database_)->reader(), person);
  ASSERT_TRUE(counted) << counted.error().message;
  const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, person, "ada");
  ASSERT_TRUE(erased) << erased.error().message;
  for (const auto* const report : {&*counted, &*erased}) {
    EXPECT_EQ(report->actions, 1);
    EXPECT_EQ(report->cancelled, 1);
    EXPECT_EQ(report->messages, 1);
    EXPECT_EQ(report->consents, 1);
    EXPECT_EQ(report->blocks, 1);
    EXPECT_EQ(report->observed.posts, 1);
  }
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM hashtags"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM dm_messages") + number("SELECT count(*) FROM dm_threads"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM consents") + number("SELECT count(*) FROM blocklist_entries"), 0);
  EXPECT_EQ(
      number("SELECT count(*) FROM action_attempts WHERE target_user_id IS NULL AND target_id = 'erased' AND "
             "status = 'cancelled'"),
      1);
  EXPECT_EQ(number("SELECT count(*) FROM audit_entries WHERE details LIKE '%person_erased%'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM audit_entries WHERE details LIKE '%bea%'"), 0);
  const auto verdict = govern::verify_audit(**(*database_)->reader());
  EXPECT_TRUE(verdict->is_whole) << verdict->problem;
  const auto again = find_person(**(*database_)->reader(), "bea@social.example");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::not_found);
}

// Conversations are named after one person; more may be in them.
TEST_P(PersonTest, IsFoundInGroupsThatAreNamedAfterOthers) {
  execute(
      "INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id, "
      "participant_username, last_message_preview, discovered_at, last_synced_at) VALUES ('group', "
      "'mastodon', "
      "'2', 'acc', '9', 'carl', 'sealed', 0, 0)");
  for (const auto& [id, sender, text] :
       {std::tuple{"g1", "'9'", "Carl's words"}, std::tuple{"g2", "'7'", "Bea's to all"},
        std::tuple{"g3", "NULL", "Ours to Carl"}}) {
    execute(fmt::format(
        "INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id, "
        "content_encrypted, discovered_at) VALUES ('{0}', 'mastodon', '{0}', 'group', {1}, {2}, '{3}', 0)",
        id, std::string_view(sender) == "NULL" ? 1 : 0, sender, box_.seal(text, id).value()));
  }
  const auto person = bea();
  const auto record = person_record(**(*database_)->reader(), box_, person, clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  ASSERT_EQ(record->at("messages").as_array().size(), 2U);
  EXPECT_EQ(record->at("messages").at(0).at("text"), "Bea's to all");
  EXPECT_EQ(count_person(**(*database_)->reader(), person)->messages, 2);
  const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, person, "ada");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(erased->messages, 2);
  EXPECT_EQ(number("SELECT count(*) FROM dm_messages WHERE id IN ('g1', 'g3')"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM dm_messages"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM dm_threads WHERE last_message_preview IS NULL"), 1)
      << "it may have been hers";
}

TEST_P(PersonTest, GetsTheRestWhereOneMessageIsDamaged) {
  execute(
      "INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id, "
      "content_encrypted, discovered_at) VALUES ('bad', 'mastodon', '2', 't', 0, '7', 'rubbish', 1)");
  const auto record = person_record(**(*database_)->reader(), box_, bea(), clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  ASSERT_EQ(record->at("messages").as_array().size(), 2U);
  EXPECT_EQ(record->at("messages").at(0).at("text"), "A letter");
  EXPECT_TRUE(record->at("messages").at(1).at("text").is_null());
  EXPECT_TRUE(record->at("messages").at(1).at("text_error").is_string());
}

// The blocklist keeps names folded, their servers in ASCII.
TEST_P(PersonTest, IsFoundInTheBlocklistHoweverTheirNameIsWritten) {
  govern::BlocklistEntry entry;
  entry.value = "@BÉA@bücher.example";
  entry.reason = "asked for it";
  ASSERT_TRUE(blocklist_->add(entry));
  auto person = bea();
  person.accounts.front().acct = "Béa@bücher.example";
  auto reader = (*database_)->reader();
  EXPECT_EQ(count_person(**reader, person)->blocks, 2);
  const auto record = person_record(**reader, box_, person, clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->at("blocklist").as_array().size(), 2U);
}

TEST_P(PersonTest, IsTakenOutOfTheSearchIndexAlsoWhenThatWasBrokenOff) {
  observe_post(kCarlsPost);
  make_search_index();
  const auto day = *analyze::parse_day("date", "2026-08-01");
  ASSERT_TRUE(
      analyze::make_daily_summary(**(*database_)->reader(), *writer_, InstanceId(1), day, clock_.now()));
  ASSERT_EQ(found("words"), 2);
  ASSERT_TRUE(index_holds("bea"));
  // As if the program ended behind the commit of the tables.
  change_search("ALTER TABLE post_search RENAME TO away");
  EXPECT_FALSE(erase_person(**database_, *writer_, clock_, *blocklist_, bea(), "ada"));
  change_search("ALTER TABLE away RENAME TO post_search");
  ASSERT_EQ(number("SELECT count(*) FROM posts"), 1);
  EXPECT_EQ(find_person(**(*database_)->reader(), "bea@social.example").error().kind, ErrorKind::not_found);
  EXPECT_TRUE(index_holds("bea"));
  EXPECT_EQ(number("SELECT count(*) FROM daily_summaries"), 0);
  ASSERT_TRUE(finish_erasures(**database_, *writer_, clock_));
  EXPECT_FALSE(index_holds("bea"));
  EXPECT_EQ(found("words"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM daily_summaries WHERE summary_text LIKE '%bea%' OR notable_json "
                   "LIKE '%bea%'"),
            0);
  EXPECT_EQ(number("SELECT count(*) FROM daily_summaries"), 1) << "made again of what is left";
  EXPECT_EQ(number("SELECT count(*) FROM erasure_leftovers"), 0);
}

TEST_P(PersonTest, WhoGotTheNumberOfAnErasedPostStaysInTheSearchIndex) {
  make_search_index();
  change_search("ALTER TABLE post_search RENAME TO away");
  EXPECT_FALSE(erase_person(**database_, *writer_, clock_, *blocklist_, bea(), "ada"));
  change_search("ALTER TABLE away RENAME TO post_search");
  const auto number_before =
      number("SELECT CAST(item AS BIGINT) FROM erasure_leftovers WHERE kind = 'search'");
  observe_post(kCarlsPost);
  execute(fmt::format("UPDATE posts SET row_number = {}", number_before));
  make_search_index();
  ASSERT_TRUE(finish_erasures(**database_, *writer_, clock_));
  make_search_index();
  EXPECT_EQ(found("carl's"), 1);
}

TEST_P(PersonTest, LeavesNoWordsBehindInTheSearchIndex) {
  observe_post(kCarlsPost);
  make_search_index();
  ASSERT_TRUE(index_holds("bea"));
  ASSERT_TRUE(erase_person(**database_, *writer_, clock_, *blocklist_, bea(), "ada"));
  EXPECT_FALSE(index_holds("bea"));
  EXPECT_TRUE(index_holds("carl"));
}

TEST_P(PersonTest, IsNotDealtWithAfterwards) {
  ASSERT_TRUE(erase_person(**database_, *writer_, clock_, *blocklist_, bea(), "ada"));
  govern::BlockSubject subject;
  subject.platform = "mastodon";
  subject.server = "social.example";
  subject.user_id = "7";
  const auto hit = blocklist_->check(subject, "");
  ASSERT_TRUE(hit && *hit);
  EXPECT_TRUE((*hit)->is_opt_out);
  subject.server = "other.example";
  EXPECT_FALSE(*blocklist_->check(subject, "")) << "7 is somebody else there";
  subject.user_id = "99";
  subject.user_name = "bea@social.example";
  EXPECT_TRUE(*blocklist_->check(subject, "")) << "Bea, seen from there";
}

// Of a namesake on another server nothing is touched, and an opt-out by her address goes with her.
TEST_P(PersonTest, TakesWithThemWhatCountsForThemAlone) {
  execute(
      "INSERT INTO consents (id, user_id, consent_type, granted_at, server_id, platform) VALUES ('theirs', "
      "'7', 'dm_read', 0, 'other.example', 'mastodon')");
  ASSERT_TRUE(blocklist_->opt_out({"mastodon", "other.example", "7", ""}, "asked for it", "ada"));
  ASSERT_TRUE(blocklist_->opt_out({"mastodon", "", "bea@social.example", ""}, "asked for it", "ada"));
  const auto person = bea();
  const auto record = person_record(**(*database_)->reader(), box_, person, clock_.now());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->at("consents").as_array().size(), 1U);
  EXPECT_EQ(record->at("blocklist").as_array().size(), 2U);
  const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, person, "ada");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(erased->consents, 1);
  EXPECT_EQ(erased->blocks, 2);
  EXPECT_EQ(number("SELECT count(*) FROM consents WHERE id = 'theirs'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM blocklist_entries WHERE server = 'other.example'"), 1);
}

TEST_P(PersonTest, HasAnAuditRowForEachActionThatTheErasureCancels) {
  ASSERT_TRUE(erase_person(**database_, *writer_, clock_, *blocklist_, bea(), "ada"));
  EXPECT_EQ(number("SELECT count(*) FROM audit_entries WHERE details LIKE '%\"why\":\"erased\"%' AND actor = "
                   "'ada' AND outcome = 'skipped'"),
            1);
}

TEST_P(PersonTest, AnActionUnderWayStaysUntilItIsSettled) {
  execute("UPDATE action_attempts SET status = 'unknown'");
  const auto person = bea();
  const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, person, "ada");
  ASSERT_TRUE(erased);
  EXPECT_EQ(erased->under_way, 1);
  EXPECT_EQ(number("SELECT count(*) FROM action_attempts WHERE target_user_id = '7'"), 1);
}

TEST_P(PersonTest, OnesOwnAccountIsNotErased) {
  execute("UPDATE accounts SET platform_user_id = '7'");
  const auto found = find_person_to_erase(**(*database_)->reader(), "bea@social.example");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::conflict);
  // But what is kept of it can be had.
  const auto record = person_record(**(*database_)->reader(), box_, bea(), clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->at("posts").as_array().size(), 1U);
  ASSERT_EQ(record->at("own_accounts").as_array().size(), 1U);
  EXPECT_EQ(record->at("own_accounts").at(0).at("id"), "acc");
}

TEST_P(PersonTest, OnesOwnAccountCanBeHadAlsoIfItWasNeverSeen) {
  const auto person = find_person(**(*database_)->reader(), "me@social.example");
  ASSERT_TRUE(person) << person.error().message;
  const auto record = person_record(**(*database_)->reader(), box_, *person, clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->at("own_accounts").as_array().size(), 1U);
  EXPECT_FALSE(json::serialize(*record).find("credentials") != std::string::npos);
}

TEST_P(PersonTest, GetsAlsoWhatWasWrittenToThemAndWhyAndWhoFollowsThem) {
  const auto sealed = box_.seal("Our letter", "dm").value();
  json::object input{{"textEncrypted", sealed}, {"textHash", "h"}};
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    const auto text = json::serialize(input);
    LINNET_CHECK(store::run(
        connection,
        "INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type, target_id, "
        "target_user_id, status, input, result, error, due_at, planned_at, requested_by, attempted_at) "
        "VALUES "
        "('dm', 'r', 'mastodon', 'dm_send', 'acc', 'user', '7', '7', 'failed', $1, '{\"url\":\"u\"}', "
        "'{\"code\":\"invalid\"}', 0, 5, 'ada', 0)",
        {std::string_view(text)}));
    LINNET_CHECK(
        store::run(connection,
                   "INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, "
                   "target_type, target_id, target_user_id, status, input, due_at, planned_at, "
                   "requested_by, attempted_at) VALUES ('bad', 'r', 'mastodon', 'dm_send', 'acc', "
                   "'user', '7', '7', 'failed', '{\"textEncrypted\":\"rubbish\"}', 0, 6, 'ada', 0)"));
    return store::run(
        connection,
        "INSERT INTO approvals (id, attempt_id, reason, context, created_at, expires_at) VALUES "
        "('ap', 'dm', 'first time', '{\"followers\":7}', 0, 9)");
  }));
  execute(
      "INSERT INTO account_follows (instance_id, follower_account_id, followee_account_id, seen_at) VALUES "
      "(1, '7', 'me', 0), (1, '9', '7', 0), (1, '9', 'me', 0)");
  const auto record = person_record(**(*database_)->reader(), box_, bea(), clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  const auto& actions = record->at("actions").as_array();
  ASSERT_EQ(actions.size(), 3U);
  EXPECT_EQ(actions.at(0).at("input").at("text"), "Our letter");
  EXPECT_FALSE(actions.at(0).at("input").as_object().contains("textEncrypted"));
  EXPECT_EQ(actions.at(0).at("result").at("url"), "u");
  EXPECT_EQ(actions.at(0).at("error").at("code"), "invalid");
  EXPECT_EQ(actions.at(0).at("approvals").at(0).at("context").at("followers"), 7);
  EXPECT_TRUE(actions.at(1).at("input").at("text").is_null());
  EXPECT_TRUE(actions.at(1).at("input").as_object().contains("text_error"));
  EXPECT_EQ(record->at("follows").as_array().size(), 2U);
  // What the audit trail says of the like names a post.
  bool is_like_there = false;
  for (const auto& entry : record->at("audit").as_array())
    is_like_there = is_like_there || (entry.at("target_type") == "post" && entry.at("target_id") == "100");
  EXPECT_TRUE(is_like_there);
}

TEST_P(PersonTest, IsFoundByAConsentOrAnEntryAlone) {
  const auto find = [&](std::string_view address) { return find_person(**(*database_)->reader(), address); };
  EXPECT_EQ(find("dora@unseen.example").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    for (const auto& [platform, who] :
         {std::pair{"mastodon", "dora@unseen.example"}, std::pair{"bluesky", "did:plc:eve"}}) {
      govern::Consent consent;
      consent.user_id = who;
      consent.type = "dm_contact";
      consent.platform = platform;
      LINNET_TRY(consent, govern::grant_consent(connection, consent, "ada", clock_.now()));
    }
    return {};
  }));
  govern::BlocklistEntry entry;
  entry.value = "@Fay@unseen.example";
  entry.reason = "asked for it";
  ASSERT_TRUE(blocklist_->add(entry));
  ASSERT_TRUE(blocklist_->opt_out({"mastodon", "", "dora@unseen.example", ""}, "asked for it", "ada"));
  for (const auto& [address, consents, blocks] :
       {std::tuple{"dora@unseen.example", 1U, 1U}, std::tuple{"did:plc:eve", 1U, 0U},
        std::tuple{"@Fay@unseen.example", 0U, 1U}}) {
    const auto person = find(address);
    ASSERT_TRUE(person) << person.error().message;
    const auto record = person_record(**(*database_)->reader(), box_, *person, clock_.now());
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->at("consents").as_array().size(), consents) << address;
    EXPECT_EQ(record->at("blocklist").as_array().size(), blocks) << address;
    EXPECT_EQ(record->at("posts").as_array().size() + record->at("messages").as_array().size(), 0U);
    const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, *person, "ada");
    ASSERT_TRUE(erased) << erased.error().message;
    EXPECT_EQ(erased->consents + erased->blocks, consents + blocks) << address;
    EXPECT_EQ(find(address).error().kind, ErrorKind::not_found) << address;
  }
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 1) << "Bea's";
  govern::BlockSubject subject;
  subject.platform = "mastodon";
  subject.server = "other.example";
  subject.user_name = "dora@unseen.example";
  const auto hit = blocklist_->check(subject, "");
  ASSERT_TRUE(hit && *hit);
  EXPECT_TRUE((*hit)->is_opt_out);
}

TEST_P(PersonTest, IsFoundByAnIdThatCountsEverywhereWhereverItWrote) {
  execute(
      "INSERT INTO instances (base_url, platform, created_at) VALUES ('https://pds.example', 'bluesky', 0), "
      "('https://bsky.social', 'bluesky', 0)");
  execute(
      "INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at, updated_at) "
      "SELECT 'sky', 'bluesky', id, 'did:plc:me', 'me.test', 0, 0 FROM instances WHERE base_url = "
      "'https://pds.example'");
  execute(
      "INSERT INTO platform_users (instance_id, id, username, acct, discovered_at, last_seen_at, "
      "last_updated_at) SELECT id, 'did:plc:gil', 'gil.test', 'gil.test', 0, 0, 0 FROM instances WHERE "
      "base_url = 'https://bsky.social'");
  execute(
      "INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id, "
      "participant_username, discovered_at, last_synced_at) VALUES ('g', 'bluesky', 'k', 'sky', '', "
      "'group', 0, 0)");
  const auto sealed = box_.seal("In a group", "gm").value();
  execute(
      "INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id, "
      "content_encrypted, discovered_at) VALUES ('gm', 'bluesky', '1', 'g', 0, 'did:plc:gil', '" +
      sealed + "', 0)");
  const auto person = find_person(**(*database_)->reader(), "gil.test");
  ASSERT_TRUE(person) << person.error().message;
  const auto record = person_record(**(*database_)->reader(), box_, *person, clock_.now());
  ASSERT_EQ(record->at("messages").as_array().size(), 1U);
  EXPECT_EQ(record->at("messages").at(0).at("text"), "In a group");
  ASSERT_TRUE(erase_person(**database_, *writer_, clock_, *blocklist_, *person, "ada"));
  EXPECT_EQ(number("SELECT count(*) FROM dm_messages WHERE id = 'gm'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM dm_threads WHERE id = 'g'"), 1) << "the group is not theirs";
}

INSTANTIATE_TEST_SUITE_P(Engines, PersonTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::act
