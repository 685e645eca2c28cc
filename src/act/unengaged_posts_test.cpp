// Which posts go for their age, and that a replay takes away the same, whatever was done with posts
// meanwhile.
#include "act/unengaged_posts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "govern/audit.hpp"
#include "kit/test_database.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "observe/replay.hpp"

namespace linnet::act {
namespace {

using std::chrono::days;
using store::Engine;

class UnengagedPosts : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = std::move(store::Writer::start(**database_)).value();
    server_ = observe::find_or_add_instance(*writer_, "https://social.example", "mastodon", now_).value();
    ingest_ = observe::Ingest::start(**database_, *writer_, clock_, {}).value();
  }

  void see(const std::string& id, int days_ago, std::string_view author = "bea") {
    const auto at = to_iso8601(now_ - days(days_ago));
    const auto line = fmt::format(
        R"({{"received_at":"{}","event":"update","payload":{{"id":"{}","created_at":"{}","content":"<p>tea</p>",)"
        R"("replies_count":0,"reblogs_count":0,"favourites_count":1,"tags":[{{"name":"tea"}}],)"
        R"("account":{{"id":"{}","username":"{}","acct":"{}"}}}}}})",
        at, id, at, author, author, author);
    ASSERT_TRUE(ingest_->submit({{server_, line}}));
    ASSERT_TRUE(ingest_->drain());
  }
  void execute(std::string_view sql) {
    const auto done = writer_->write([&](store::Connection& connection) { return connection.execute(sql); });
    EXPECT_TRUE(done) << done.error().message;
  }
  void act_on(const std::string& post, std::string_view type, std::string_view status) {
    execute(fmt::format(
        "INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type, "
        "target_id, status, due_at, planned_at, requested_by, attempted_at) VALUES ('{0}-{1}', 'r', "
        "'mastodon', '{1}', 'acc', 'post', '{0}', '{2}', 0, 0, 'ada', 0)",
        post, type, status));
  }
  void have_an_account() {
    execute(
        "INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at, "
        "updated_at) "
        "VALUES ('acc', 'mastodon', 1, 'me', 'me', 0, 0)");
  }
  std::set<std::string> posts() {
    std::set<std::string> ids;
    auto reader = (*database_)->reader();
    EXPECT_TRUE(store::for_each_row(**reader, "SELECT id FROM posts", {},
                                    [&](const store::Statement& row) { ids.emplace(row.text(0)); }));
    return ids;
  }
  std::int64_t would_go() {
    auto reader = (*database_)->reader();
    return count_unengaged(**reader, now_ - days(90)).value();
  }
  std::int64_t remove() {
    const auto gone = remove_unengaged(**database_, *writer_, *ingest_, now_ - days(90), now_);
    EXPECT_TRUE(gone) << gone.error().message;
    return gone ? *gone : -1;
  }
  void expect_sound() {
    auto reader = (*database_)->reader();
    const auto findings = observe::check_projections(**reader);
    ASSERT_TRUE(findings) << findings.error().message;
    for (const auto& finding : *findings) EXPECT_EQ(finding.differing, 0) << finding.name;
  }

  const Instant now_ = *parse_iso8601("2026-11-01T00:00:00Z");
  ManualClock clock_{now_};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<observe::Ingest> ingest_;
  InstanceId server_{};
};

INSTANTIATE_TEST_SUITE_P(Engines, UnengagedPosts, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(UnengagedPosts, GoWhenTheyAreOldAndNobodyHadToDoWithThem) {
  have_an_account();
  for (const auto* const id : {"old", "liked", "unliked", "boosted", "waiting", "refused", "undone"})
    see(id, 100);
  see("young", 80);
  see("mine", 100, "me");
  execute(
      "INSERT INTO post_engagements (instance_id, post_id, engagement_status, changed_at) VALUES (1, "
      "'liked', "
      "'liked', 0), (1, 'unliked', 'not_engaged', 0)");
  act_on("boosted", "boost", "success");
  act_on("waiting", "reply", "pending");
  act_on("refused", "reply", "failed");
  act_on("undone", "boost", "success");
  execute("UPDATE action_attempts SET superseded_at = 1 WHERE target_id = 'undone'");
  EXPECT_EQ(would_go(), 4);
  EXPECT_EQ(posts().size(), 9U) << "counting takes nothing away";
  EXPECT_EQ(remove(), 4);
  EXPECT_EQ(posts(), (std::set<std::string>{"liked", "boosted", "waiting", "young", "mine"}));
  EXPECT_EQ(would_go(), 0);
  EXPECT_EQ(remove(), 0);
  expect_sound();
  auto reader = (*database_)->reader();
  EXPECT_EQ(store::query_integer(**reader,
                                 "SELECT count(*) FROM audit_entries WHERE details LIKE "
                                 "'%retention%posts%'")
                .value(),
            1);
}

TEST_P(UnengagedPosts, AreTakenAwayAgainByAReplayWhateverIsEngagedByThen) {
  have_an_account();
  see("old", 100);
  see("liked later", 100);
  see("young", 80);
  ASSERT_EQ(remove(), 2);
  see("old", 1);  // it came again
  execute(
      "INSERT INTO post_engagements (instance_id, post_id, engagement_status, changed_at) VALUES (1, 'liked "
      "later', 'liked', 0)");
  EXPECT_EQ(remove(), 0);
  const auto left = posts();
  EXPECT_EQ(left, (std::set<std::string>{"old", "young"}));
  std::string before;
  {
    auto reader = (*database_)->reader();
    before = observe::digest_projections(**reader)->sha256;
  }
  ingest_.reset();
  const auto outcome = observe::replay(**database_, *writer_, {}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->digest.sha256, before);
  EXPECT_EQ(posts(), left);
}

TEST_P(UnengagedPosts, MoreThanOneEventHoldsGoToo) {
  std::vector<observe::RawEvent> events;
  for (int i = 0; i < 700; ++i)
    events.push_back(
        {server_,
         fmt::format(
             R"({{"received_at":"2026-01-01T00:00:00Z","event":"update","payload":{{"id":"p{}","created_at":)"
             R"("2026-01-01T00:00:00Z","content":"","account":{{"id":"bea","username":"bea","acct":"bea"}}}}}})",
             i)});
  ASSERT_TRUE(ingest_->submit(std::move(events)));
  ASSERT_TRUE(ingest_->drain());
  EXPECT_EQ(would_go(), 700);
  EXPECT_EQ(remove(), 700);
  EXPECT_TRUE(posts().empty());
}

}  // namespace
}  // namespace linnet::act
