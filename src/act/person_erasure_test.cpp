// A person as a whole: that an erasure reaches what was seen of them and what was done to them.
#include "act/erased_actions.hpp"
#include "act/person_fixture.hpp"
#include "act/records.hpp"
#include "analyze/daily_summaries.hpp"
#include "govern/audit.hpp"

namespace linnet::act {
namespace {

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
    EXPECT_EQ(report->consents(), 1);
    EXPECT_EQ(report->blocks(), 1);
    EXPECT_EQ(report->observed.posts, 1);
  }
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM hashtags"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM dm_messages") + number("SELECT count(*) FROM dm_threads"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM consents") + number("SELECT count(*) FROM blocklist_entries"), 0);
  EXPECT_EQ(number(
                R"(SELECT count(*) FROM action_attempts
                   WHERE target_user_id IS NULL AND target_id = 'erased' AND status = 'cancelled')"),
            1);
  EXPECT_EQ(number("SELECT count(*) FROM audit_entries WHERE details LIKE '%person_erased%'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM audit_entries WHERE details LIKE '%bea%'"), 0);
  const auto verdict = govern::verify_audit(**(*database_)->reader());
  EXPECT_TRUE(verdict->is_whole) << verdict->problem;
  const auto again = find_person(**(*database_)->reader(), "bea@social.example");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::not_found);
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
  EXPECT_EQ(number(
                R"(SELECT count(*) FROM daily_summaries
                   WHERE summary_text LIKE '%bea%' OR notable_json LIKE '%bea%')"),
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
      R"(INSERT INTO consents (id, user_id, consent_type, granted_at, server_id, platform)
         VALUES ('theirs', '7', 'dm_read', 0, 'other.example', 'mastodon'))");
  ASSERT_TRUE(blocklist_->opt_out({"mastodon", "other.example", "7", ""}, "asked for it", "ada"));
  ASSERT_TRUE(blocklist_->opt_out({"mastodon", "", "bea@social.example", ""}, "asked for it", "ada"));
  const auto person = bea();
  const auto record = person_record(**(*database_)->reader(), box_, person, clock_.now());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->at("consents").as_array().size(), 1U);
  EXPECT_EQ(record->at("blocklist").as_array().size(), 2U);
  const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, person, "ada");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(erased->consents(), 1);
  EXPECT_EQ(erased->blocks(), 2);
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

TEST_P(PersonTest, WhatWasUnderWayIsForgottenOnceItIsSettled) {
  execute(
      "UPDATE action_attempts SET status = 'unknown', target_name = 'bea', input = '{\"text\":\"Bea!\"}'");
  ASSERT_TRUE(erase_person(**database_, *writer_, clock_, *blocklist_, bea(), "ada"));
  ASSERT_TRUE(finish_erased_actions(**database_, *writer_, clock_.now()));
  EXPECT_EQ(number("SELECT count(*) FROM action_attempts WHERE target_user_id = '7'"), 1) << "not yet";
  Attempt in_hand;
  {
    auto reader = (*database_)->reader();
    in_hand = list_attempts(**reader, {}).value().front();
  }
  execute("UPDATE action_attempts SET status = 'success', verify_at = 1");
  ASSERT_TRUE(finish_erased_actions(**database_, *writer_, clock_.now()));
  const std::string blank =
      R"(SELECT count(*) FROM action_attempts
         WHERE target_id = 'erased' AND target_user_id IS NULL AND target_name IS NULL AND input = '{}'
           AND text_hash IS NULL AND verify_at IS NULL AND status = 'success')";
  EXPECT_EQ(number(blank), 1);
  EXPECT_EQ(number("SELECT count(*) FROM erasure_leftovers WHERE kind = 'action'"), 0);
  // Whoever had it in hand does not bring it back.
  ASSERT_TRUE(
      writer_->write([&](store::Connection& connection) { return save_progress(connection, in_hand); }));
  EXPECT_EQ(number(blank), 1);
}

TEST_P(PersonTest, WhatDidNotGoOutToWhomWasErasedGoesNoMore) {
  execute("UPDATE action_attempts SET status = 'unknown'");
  ASSERT_TRUE(erase_person(**database_, *writer_, clock_, *blocklist_, bea(), "ada"));
  execute("UPDATE action_attempts SET status = 'pending'");
  ASSERT_TRUE(finish_erasures(**database_, *writer_, clock_));
  EXPECT_EQ(
      number("SELECT count(*) FROM action_attempts WHERE status = 'cancelled' AND target_id = 'erased'"), 1);
  EXPECT_TRUE(govern::verify_audit(**(*database_)->reader())->is_whole);
}

// Two servers write her server's name each in its own way, and whoever asks in a third.
TEST_P(PersonTest, IsOnePersonInEverySpelling) {
  const auto show = [&](const std::string& server, const std::string& id, const std::string& acct) {
    const auto instance = observe::find_or_add_instance(*writer_, server, "mastodon", clock_.now());
    auto ingest = observe::Ingest::start(**database_, *writer_, clock_, {});
    const auto line = fmt::format(
        R"({{"received_at":"2026-08-01T12:00:00Z","event":"update","payload":{{"id":"9{0}","created_at":)"
        R"("2026-08-01T12:00:00Z","content":"<p>hers</p>","replies_count":0,"reblogs_count":0,"favourites_count":0,)"
        R"("tags":[],"account":{{"id":"{0}","username":"ada","acct":"{1}","url":"https://xn--bcher-kva.example/@ada"}}}}}})",
        id, acct);
    ASSERT_TRUE((*ingest)->submit({{*instance, line}}));
    ASSERT_TRUE((*ingest)->drain());
  };
  show("https://one.example", "71", "ada@bücher.example");
  show("https://two.example", "81", "ada@xn--bcher-kva.example");
  execute(
      R"(INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type,
           target_id, target_name, status, due_at, planned_at, attempted_at, requested_by)
         VALUES ('by-name', 'r', 'mastodon', 'dm_send', 'acc', 'user', 'x', '@Ada@BÜCHER.example',
           'pending', 0, 0, 0, 'me'))");
  for (const auto* const address :
       {"ada@bücher.example", "ada@xn--bcher-kva.example", "@Ada@BÜCHER.example",
        "https://bücher.example/@Ada", "https://bücher.example/@Ada?x=1#y",
        "https://bücher.example/users/ada", "acct:ada@bücher.example", "https://bücher.example/%40ada"}) {
    const auto found = find_person(**(*database_)->reader(), address);
    ASSERT_TRUE(found) << address << ": " << found.error().message;
    EXPECT_EQ(found->accounts.size(), 2U) << address;
  }
  execute("INSERT INTO instances (base_url, created_at) VALUES ('https://xn--bcher-kva.example', 0)");
  ASSERT_TRUE(blocklist_->opt_out({"mastodon", "", "ada@BÜCHER.example", ""}, "asked for it", "ada"));
  execute(
      "UPDATE accounts SET instance_id = (SELECT id FROM instances WHERE base_url = 'https://one.example')");
  execute("UPDATE action_attempts SET status = 'pending' WHERE id = 'by-name'");
  const auto person = find_person(**(*database_)->reader(), "ada@xn--bcher-kva.example").value();
  const auto record = person_record(**(*database_)->reader(), box_, person, clock_.now());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->at("posts").as_array().size(), 2U);
  EXPECT_EQ(record->at("actions").as_array().size(), 1U);
  EXPECT_EQ(record->at("blocklist").as_array().size(), 1U);
  const auto erased = erase_person(**database_, *writer_, clock_, *blocklist_, person, "ada");
  ASSERT_TRUE(erased) << erased.error().message;
  EXPECT_EQ(erased->observed.posts, 2);
  EXPECT_EQ(erased->cancelled, 1);
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE content_text = 'hers'"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM action_attempts WHERE id = 'by-name' AND target_name IS NULL"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM blocklist_entries WHERE added_by = 'opt_out'"), 0);
  for (const auto* const name : {"ada@bücher.example", "Ada@XN--BCHER-KVA.example"}) {
    govern::BlockSubject subject;
    subject.platform = "mastodon";
    subject.server = "three.example";
    subject.user_name = name;
    EXPECT_TRUE(*blocklist_->check(subject, "")) << name;
  }
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

INSTANTIATE_TEST_SUITE_P(Engines, PersonTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::act
