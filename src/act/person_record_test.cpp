// Who is found as a person, and that all that is kept of them is handed out.
#include "act/person_fixture.hpp"

namespace linnet::act {
namespace {

class PersonRecordTest : public PersonTest {};

TEST_P(PersonRecordTest, GetsEverythingThatIsKeptOfThem) {
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

// Conversations are named after one person; more may be in them.
TEST_P(PersonRecordTest, IsFoundInGroupsThatAreNamedAfterOthers) {
  execute(
      R"(INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id,
           participant_username, last_message_preview, discovered_at, last_synced_at)
         VALUES ('group', 'mastodon', '2', 'acc', '9', 'carl', 'sealed', 0, 0))");
  for (const auto& [id, sender, text] :
       {std::tuple{"g1", "'9'", "Carl's words"}, std::tuple{"g2", "'7'", "Bea's to all"},
        std::tuple{"g3", "NULL", "Ours to Carl"}}) {
    execute(fmt::format(
        R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id,
             content_encrypted, discovered_at)
           VALUES ('{0}', 'mastodon', '{0}', 'group', {1}, {2}, '{3}', 0))",
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

TEST_P(PersonRecordTest, GetsTheRestWhereOneMessageIsDamaged) {
  execute(
      R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id,
           content_encrypted, discovered_at)
         VALUES ('bad', 'mastodon', '2', 't', 0, '7', 'rubbish', 1))");
  const auto record = person_record(**(*database_)->reader(), box_, bea(), clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  ASSERT_EQ(record->at("messages").as_array().size(), 2U);
  EXPECT_EQ(record->at("messages").at(0).at("text"), "A letter");
  EXPECT_TRUE(record->at("messages").at(1).at("text").is_null());
  EXPECT_TRUE(record->at("messages").at(1).at("text_error").is_string());
}

// The blocklist keeps names folded, their servers in ASCII.
TEST_P(PersonRecordTest, IsFoundInTheBlocklistHoweverTheirNameIsWritten) {
  govern::BlocklistEntry entry;
  entry.value = "@BÉA@bücher.example";
  entry.reason = "asked for it";
  ASSERT_TRUE(blocklist_->add(entry));
  auto person = bea();
  person.accounts.front().acct = "Béa@bücher.example";
  auto reader = (*database_)->reader();
  EXPECT_EQ(count_person(**reader, person)->blocks(), 2);
  const auto record = person_record(**reader, box_, person, clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->at("blocklist").as_array().size(), 2U);
}

TEST_P(PersonRecordTest, OnesOwnAccountCanBeHadAlsoIfItWasNeverSeen) {
  const auto person = find_person(**(*database_)->reader(), "me@social.example");
  ASSERT_TRUE(person) << person.error().message;
  const auto record = person_record(**(*database_)->reader(), box_, *person, clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->at("own_accounts").as_array().size(), 1U);
  EXPECT_FALSE(json::serialize(*record).find("credentials") != std::string::npos);
}

TEST_P(PersonRecordTest, GetsAlsoWhatWasWrittenToThemAndWhyAndWhoFollowsThem) {
  const auto sealed = box_.seal("Our letter", "dm").value();
  json::object input{{"textEncrypted", sealed}, {"textHash", "h"}};
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    const auto text = json::serialize(input);
    LINNET_CHECK(store::run(
        connection,
        R"(INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type,
             target_id, target_user_id, status, input, result, error, due_at, planned_at, requested_by,
             attempted_at) VALUES )"
        "('dm', 'r', 'mastodon', 'dm_send', 'acc', 'user', '7', '7', 'failed', $1, '{\"url\":\"u\"}', "
        "'{\"code\":\"invalid\"}', 0, 5, 'ada', 0)",
        {std::string_view(text)}));
    LINNET_CHECK(
        store::run(connection,
                   R"(INSERT INTO action_attempts (id, run_id, platform, action_type, account_id,
                        target_type, target_id, target_user_id, status, input, due_at, planned_at,
                        requested_by, attempted_at)
                      VALUES ('bad', 'r', 'mastodon', 'dm_send', 'acc', )"
                   "'user', '7', '7', 'failed', '{\"textEncrypted\":\"rubbish\"}', 0, 6, 'ada', 0)"));
    return store::run(
        connection,
        "INSERT INTO approvals (id, attempt_id, reason, context, created_at, expires_at) VALUES "
        "('ap', 'dm', 'first time', '{\"followers\":7}', 0, 9)");
  }));
  execute(
      R"(INSERT INTO account_follows (instance_id, follower_account_id, followee_account_id, seen_at)
         VALUES (1, '7', 'me', 0), (1, '9', '7', 0), (1, '9', 'me', 0))");
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

TEST_P(PersonRecordTest, IsFoundByAConsentOrAnEntryAlone) {
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
    EXPECT_EQ(erased->consents() + erased->blocks(), consents + blocks) << address;
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

TEST_P(PersonRecordTest, IsFoundByAnIdThatCountsEverywhereWhereverItWrote) {
  execute(
      R"(INSERT INTO instances (base_url, platform, created_at)
         VALUES ('https://pds.example', 'bluesky', 0), ('https://bsky.social', 'bluesky', 0))");
  execute(
      R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at,
           updated_at)
         SELECT 'sky', 'bluesky', id, 'did:plc:me', 'me.test', 0, 0 FROM instances
         WHERE base_url = 'https://pds.example')");
  execute(
      R"(INSERT INTO platform_users (instance_id, id, username, acct, discovered_at, last_seen_at,
           last_updated_at)
         SELECT id, 'did:plc:gil', 'gil.test', 'gil.test', 0, 0, 0 FROM instances
         WHERE base_url = 'https://bsky.social')");
  execute(
      R"(INSERT INTO dm_threads (id, platform, platform_thread_id, account_id, participant_id,
           participant_username, discovered_at, last_synced_at)
         VALUES ('g', 'bluesky', 'k', 'sky', '', 'group', 0, 0))");
  const auto sealed = box_.seal("In a group", "gm").value();
  execute(
      R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id, is_from_us, sender_id, content_encrypted, discovered_at) VALUES ('gm', 'bluesky', '1', 'g', 0, 'did:plc:gil', ')" +
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

INSTANTIATE_TEST_SUITE_P(Engines, PersonRecordTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
