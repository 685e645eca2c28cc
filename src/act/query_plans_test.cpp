// What the dispatcher asks several times a second, and what each action asks when it is done, is found by an
// index, however many attempts there have been. The statements are those that the functions really prepare.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "act/attempt_store.hpp"
#include "act/next_job.hpp"
#include "act/records.hpp"
#include "kit/test_database.hpp"
#include "source_dir.hpp"
#include "store/writer.hpp"

namespace linnet::act {
namespace {

// Passes everything on, and keeps what was prepared.
class Listening final : public store::Connection {
 public:
  explicit Listening(store::Connection& inner) : inner_(inner) {}
  [[nodiscard]] store::Engine engine() const override { return inner_.engine(); }
  Result<store::Statement*> prepare(std::string_view sql) override {
    heard.emplace(sql);
    return inner_.prepare(sql);
  }
  Status execute(std::string_view sql) override { return inner_.execute(sql); }
  [[nodiscard]] std::int64_t changes() const override { return inner_.changes(); }
  Status insert_many(const store::BulkInsert& what, const store::RowBatch& rows) override {
    return inner_.insert_many(what, rows);
  }
  Status update_many(const store::BulkUpdate& what, const store::RowBatch& rows) override {
    return inner_.update_many(what, rows);
  }
  Status delete_many(const store::BulkDelete& what, const store::RowBatch& keys) override {
    return inner_.delete_many(what, keys);
  }
  Status lookup_many(const store::BulkLookup& what, const store::RowBatch& keys,
                     const OnRow& on_row) override {
    return inner_.lookup_many(what, keys, on_row);
  }
  Status set_durable(bool durable) override { return inner_.set_durable(durable); }

  std::set<std::string> heard;

 protected:
  Status begin(bool /*for_writing*/) override { return {}; }
  Status commit() override { return {}; }
  void rollback() override {}

 private:
  store::Connection& inner_;
};

// Statements within functions that need a whole program around them: that they are still what the file says
// is looked up there.
struct Written {
  std::string file;
  std::string sql;
  std::string index;
};

const std::vector<Written>& written() {
  static const std::vector<Written> all{
      {"message_sync.cpp", "SELECT id FROM action_attempts WHERE account_id = $1 AND result_id = $2",
       "action_attempts_result (result_id=?"},
      {"mention_opt_outs.cpp",
       R"(SELECT p.row_number, m.instance_id, m.account_id, m.acct FROM posts p
          JOIN post_mentions m ON m.instance_id = p.instance_id AND m.post_id = p.id
          WHERE p.row_number > $1 AND p.row_number <= $2 ORDER BY p.row_number)",
       "SEARCH p USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"}};
  return all;
}

// The text of a source file with the pieces of its string literals put together.
std::string literals_of(const std::string& file) {
  std::ifstream in(std::string(LINNET_SOURCE_DIR) + "/src/act/" + file);
  std::stringstream text;
  text << in.rdbuf();
  std::string joined;
  bool is_quoted = false;
  for (const char c : text.str()) {
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted && c != '"') joined += c;
  }
  return joined;
}

// With one blank for every run of white space: how a statement is broken into lines does not matter.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\n';
    if (!is_blank) line += c;
    if (is_blank && !line.ends_with(' ')) line += ' ';
  }
  return line;
}

class QueryPlans : public testing::Test {
 protected:
  void SetUp() override {
    connection_ = std::move(database_->connect(store::Part::tables)).value();
    // Nearly all of them done long ago, as after a year.
    const auto done = connection_->execute(
        R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at,
             updated_at)
           VALUES ('acc', 'mastodon', 1, 'me', 'me', 0, 0); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
             SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO action_attempts (id, run_id, platform,
             action_type, account_id, target_type, target_id, status, due_at, planned_at, requested_by,
             attempted_at, result_id, verify_at)
           SELECT i, i, 'mastodon', CASE WHEN i % 2 = 0 THEN 'like' ELSE 'comment' END, 'acc', 'post', i,
             CASE WHEN i % 1000 = 0 THEN 'pending' ELSE 'success' END, i, i, 'me', i, i,
             CASE WHEN i % 100 = 0 THEN i END FROM n)");
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
  void expect_no_walk(const std::string& sql) {
    const auto steps = plan(sql);
    for (const auto* const table : {"action_attempts", "a", "b", "dm_messages"}) {
      EXPECT_EQ(steps.find("SCAN " + std::string(table) + "\n"), std::string::npos) << sql << ":\n" << steps;
      EXPECT_EQ(steps.find("SCAN " + std::string(table) + " USING"), std::string::npos) << sql << ":\n"
                                                                                        << steps;
    }
  }
  // All that is asked for nothing to do, for an action that is done, and for one that is taken back.
  std::set<std::string> prepared() {
    Listening listening(*connection_);
    const connect::AccountId account("acc");
    const Instant now = from_micros(10'000);
    EXPECT_TRUE(accounts_with_work(listening, now));
    EXPECT_TRUE(next_job(listening, account, from_micros(0), now));
    EXPECT_TRUE(next_job(listening, account, from_micros(0), {}));
    auto attempt = find_attempt(listening, "1");
    EXPECT_TRUE(attempt);
    for (const auto type : {model::ActionType::like, model::ActionType::unlike, model::ActionType::comment,
                            model::ActionType::delete_comment, model::ActionType::delete_post}) {
      attempt->type = type;
      EXPECT_TRUE(take_effect(listening, *attempt, InstanceId(1), now));
    }
    EXPECT_TRUE(lose_effect(listening, *attempt, InstanceId(1), now));
    EXPECT_TRUE(thread_after(listening, attempt->id));
    EXPECT_TRUE(refuse_duplicate(listening, *attempt));
    EXPECT_TRUE(save_progress(listening, *attempt));
    return listening.heard;
  }
  void expect_indexes() {
    const auto all = prepared();
    EXPECT_GE(all.size(), 15U);
    for (const auto& sql : all) expect_no_walk(sql);
    for (const auto& [file, sql, index] : written()) {
      EXPECT_NE(in_one_line(literals_of(file)).find(in_one_line(sql)), std::string::npos)
          << file << " no longer asks " << sql;
      EXPECT_NE(plan(sql).find(index), std::string::npos) << file << ":\n" << plan(sql);
      expect_no_walk(sql);
    }
    expect_no_walk(
        "SELECT id FROM dm_messages WHERE action_attempt_id = $1");  // a foreign key's own question
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
