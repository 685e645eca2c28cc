// A person as a whole: that an erasure reaches what was seen of them and what was done to them.
#include "act/person_fixture.hpp"
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

INSTANTIATE_TEST_SUITE_P(Engines, PersonTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::act
