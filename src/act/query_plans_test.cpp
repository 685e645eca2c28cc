// What the dispatcher asks several times a second, and what each action asks when it is done, is found by an
// index, however many attempts there have been. The statements are those of the files that are named.
#include <gtest/gtest.h>

#include "kit/test_database.hpp"
#include "store/writer.hpp"

namespace linnet::act {
namespace {

struct Asked {
  std::string where;
  std::string sql;
  std::string index;
};

const std::vector<Asked>& asked() {
  static const std::vector<Asked> all{
      {"dispatcher.cpp, open_lanes",
       "SELECT account_id FROM action_attempts WHERE status = 'pending' AND hold IN ('', 'time') AND due_at "
       "<= "
       "$1 UNION SELECT account_id FROM action_attempts WHERE status IN ('unknown', 'success') AND verify_at "
       "<= $1",
       "action_attempts_verify (status=? AND verify_at<?)"},
      {"dispatcher.cpp, next_job, unknown",
       "SELECT id FROM action_attempts WHERE account_id = $1 AND status = 'unknown' AND verify_at <= $2 "
       "ORDER "
       "BY verify_at LIMIT 1",
       "action_attempts_verify (status=? AND verify_at<?)"},
      {"dispatcher.cpp, next_job, unverified",
       "SELECT id FROM action_attempts WHERE account_id = $1 AND status = 'success' AND verify_at <= $2 "
       "ORDER "
       "BY verify_at LIMIT 1",
       "action_attempts_verify (status=? AND verify_at<?)"},
      {"dispatcher.cpp, next_job, due",
       "SELECT id FROM action_attempts WHERE account_id = $1 AND status = 'pending' AND hold IN ('', 'time') "
       "AND due_at <= $2 ORDER BY due_at, run_id, step LIMIT 1",
       "action_attempts_status (status=? AND hold=? AND due_at<?)"},
      {"records.cpp, count_engagement",
       "SELECT COUNT(*) FROM action_attempts a JOIN accounts o ON o.id = a.account_id WHERE o.instance_id = "
       "$1 "
       "AND a.target_type = 'post' AND a.target_id = $2 AND a.status = 'success' AND a.superseded_at IS NULL "
       "AND a.action_type IN ('comment', 'reply')",
       "action_attempts_target (target_id=?"},
      {"records.cpp, answered_post",
       "SELECT target_id FROM action_attempts WHERE account_id = $1 AND result_id = $2 AND action_type IN "
       "('comment', 'reply')",
       "action_attempts_result (result_id=?"},
      {"records.cpp, supersede",
       "UPDATE action_attempts SET superseded_at = $3 WHERE account_id = $1 AND result_id = $2 AND status = "
       "'success' AND superseded_at IS NULL",
       "action_attempts_result (result_id=?"},
      {"records.cpp, supersede the opposite",
       "UPDATE action_attempts SET superseded_at = $4 WHERE account_id = $1 AND target_id = $2 AND "
       "action_type "
       "= $3 AND status = 'success' AND superseded_at IS NULL",
       "action_attempts_target (target_id=?"},
      {"message_sync.cpp, add_message",
       "SELECT id FROM action_attempts WHERE account_id = $1 AND result_id = $2",
       "action_attempts_result (result_id=?"},
      {"mention_opt_outs.cpp, mentions_of, the posts",
       "SELECT p.row_number, m.instance_id, m.account_id, m.acct FROM posts p JOIN post_mentions m ON "
       "m.instance_id = p.instance_id AND m.post_id = p.id WHERE p.row_number > $1 AND p.row_number <= $2 "
       "ORDER BY p.row_number",
       "SEARCH p USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
      {"mention_opt_outs.cpp, mentions_of, the mentions",
       "SELECT p.row_number, m.instance_id, m.account_id, m.acct FROM posts p JOIN post_mentions m ON "
       "m.instance_id = p.instance_id AND m.post_id = p.id WHERE p.row_number > $1 AND p.row_number <= $2 "
       "ORDER BY p.row_number",
       "SEARCH m USING PRIMARY KEY (instance_id=? AND post_id=?)"},
      {"a removed attempt's foreign key", "SELECT id FROM dm_messages WHERE action_attempt_id = $1",
       "dm_messages_attempt (action_attempt_id=?)"}};
  return all;
}

class QueryPlans : public testing::Test {
 protected:
  void SetUp() override {
    connection_ = std::move(database_->connect(store::Part::tables)).value();
    // Nearly all of them done long ago, as after a year.
    const auto done = connection_->execute(
        "INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at, "
        "updated_at) "
        "VALUES ('acc', 'mastodon', 1, 'me', 'me', 0, 0); "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
        "INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type, target_id, "
        "status, due_at, planned_at, requested_by, attempted_at, result_id, verify_at) SELECT i, i, "
        "'mastodon', CASE WHEN i % 2 = 0 THEN 'like' ELSE 'comment' END, 'acc', 'post', i, CASE WHEN i % "
        "1000 "
        "= 0 THEN 'pending' ELSE 'success' END, i, i, 'me', i, i, CASE WHEN i % 100 = 0 THEN i END FROM n");
    ASSERT_TRUE(done) << done.error().message;
  }
  std::string plan(const std::string& sql) {
    std::string steps;
    const auto done =
        store::for_each_row(*connection_, "EXPLAIN QUERY PLAN " + sql, {},
                            [&](const store::Statement& row) { steps += std::string(row.text(3)) + "\n"; });
    EXPECT_TRUE(done) << done.error().message;
    return steps;
  }
  void expect_indexes() {
    for (const auto& one : asked()) {
      const auto steps = plan(one.sql);
      EXPECT_NE(steps.find(one.index), std::string::npos) << one.where << ":\n" << steps;
      for (const auto* const walk : {"SCAN action_attempts", "SCAN a", "SCAN dm_messages"})
        EXPECT_EQ(steps.find(std::string(walk) + "\n"), std::string::npos) << one.where << ":\n" << steps;
      EXPECT_EQ(steps.find("SCAN action_attempts USING"), std::string::npos) << one.where << ":\n" << steps;
    }
  }

  test::TestDatabase database_{store::Engine::sqlite};
  std::unique_ptr<store::Connection> connection_;
};

TEST_F(QueryPlans, WalkNoTable) {
  expect_indexes();
}

TEST_F(QueryPlans, WalkNoTableWithStatisticsEither) {
  ASSERT_TRUE(connection_->execute("ANALYZE"));
  expect_indexes();
}

}  // namespace
}  // namespace linnet::act
