#include "govern/audit.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "kit/test_database.hpp"
#include "store/writer.hpp"

namespace linnet::govern {
namespace {

class Audit : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    connection_ = std::move((*database_)->connect(store::Part::tables)).value();
    for (int i = 0; i < 10; ++i) add(i);
  }

  void add(int i) {
    AuditEntry entry;
    entry.run_id = "run_1";
    entry.step_id = step_id(entry.run_id, i + 1);
    entry.event = AuditEvent::action_attempt;
    entry.outcome = AuditOutcome::pending;
    entry.details = {{"rule", "quiet_hours"}, {"n", i}};
    auto transaction = store::Transaction::begin(*connection_);
    ASSERT_TRUE(append_audit(*connection_, entry, Instant(std::chrono::hours(i))));
    ASSERT_TRUE(transaction->commit());
  }

  std::int64_t cut(int hour) {
    const auto gone =
        cut_audit(*connection_, Instant(std::chrono::hours(hour)), Instant(std::chrono::hours(20)));
    EXPECT_TRUE(gone) << gone.error().message;
    return gone.value();
  }

  // Changes rows as somebody with the database in hand could.
  void tamper(const std::string& sql) {
    const bool is_sqlite = GetParam() == store::Engine::sqlite;
    std::string off;
    for (const std::string guard : {"audit_entries_unchanged", "audit_entries_kept", "audit_entries_added",
                                    "audit_head_kept", "audit_head_alone", "audit_head_forward"})
      off += "DROP TRIGGER " + guard + (is_sqlite ? "" : " ON " + guard.substr(0, guard.rfind('_'))) + "; ";
    const auto done = connection_->execute(off + sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Connection> connection_;
};

TEST_P(Audit, IsWholeAsWritten) {
  const auto verdict = verify_audit(*connection_);
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->is_whole) << verdict->problem;
  EXPECT_EQ(verdict->rows, 10);
}

TEST_P(Audit, CannotBeChangedThroughTheTables) {
  const std::string columns =
      "audit_entries (number, id, run_id, step_id, event_type, outcome, details, timestamp, hash)";
  const auto row = [](int number, const std::string& id) {
    return fmt::format(" VALUES ({}, '{}', 'r', 's', 'error', 'success', '', 0, 'h')", number, id);
  };
  std::vector<std::string> tries{
      "UPDATE audit_entries SET outcome = 'success' WHERE number = 3",
      "DELETE FROM audit_entries WHERE number = 3",
      "DELETE FROM audit_entries",
      "INSERT INTO " + columns + row(11, "x"),
      "INSERT INTO " + columns + row(0, "x"),
      "INSERT INTO " + columns + row(3, "x") + " ON CONFLICT (number) DO UPDATE SET details = 'other'",
      "UPDATE audit_head SET number = 20",
      "UPDATE audit_head SET number = 8, hash = (SELECT hash FROM audit_entries WHERE number = 8)",
      "UPDATE audit_head SET hash = 'other'",
      R"(UPDATE audit_head
         SET anchor_number = 3, anchor_hash = (SELECT hash FROM audit_entries WHERE number = 3))",
      "UPDATE audit_head SET anchor_number = 11",
      "UPDATE audit_head SET name = 'other'",
      "DELETE FROM audit_head",
      R"(INSERT INTO audit_head (name, number, hash, anchor_number, anchor_hash)
         VALUES ('other', 0, '', 9, ''))"};
  if (GetParam() == store::Engine::sqlite) {
    tries.push_back("INSERT OR REPLACE INTO " + columns + row(3, "x"));
    tries.push_back("REPLACE INTO " + columns + row(10, "x"));
    tries.push_back("UPDATE OR REPLACE audit_entries SET number = 4 WHERE number = 3");
    tries.push_back("UPDATE OR IGNORE audit_entries SET details = ''");
    tries.push_back(
        "REPLACE INTO audit_head (name, number, hash, anchor_number, anchor_hash) VALUES ('audit', 0, '', "
        "9, '')");
  } else {
    tries.push_back("TRUNCATE audit_entries");
    tries.push_back("TRUNCATE audit_entries, audit_head CASCADE");
    tries.push_back("TRUNCATE audit_head");
    tries.push_back("SET session_replication_role = replica; DELETE FROM audit_entries WHERE number = 3");
  }
  for (const auto& sql : tries) EXPECT_FALSE(connection_->execute(sql)) << sql;
  const auto verdict = verify_audit(*connection_);
  EXPECT_TRUE(verdict->is_whole) << verdict->problem;
  EXPECT_EQ(verdict->rows, 10);
}

TEST_P(Audit, SaysThatNothingKeepsItAnyMore) {
  tamper("");
  const auto verdict = verify_audit(*connection_);
  EXPECT_FALSE(verdict->is_whole);
  EXPECT_NE(verdict->problem.find("audit_entries_kept"), std::string::npos);
  EXPECT_NE(verdict->problem.find("triggers"), std::string::npos);
}

TEST_P(Audit, FindsAChangedRow) {
  tamper("UPDATE audit_entries SET outcome = 'success' WHERE number = 3");
  EXPECT_EQ(verify_audit(*connection_)->first_bad, 3);
}

TEST_P(Audit, FindsARemovedRow) {
  tamper("DELETE FROM audit_entries WHERE number = 4");
  EXPECT_EQ(verify_audit(*connection_)->first_bad, 4);
}

TEST_P(Audit, FindsReorderedRows) {
  tamper(
      R"(UPDATE audit_entries SET number = 100
         WHERE number = 5; UPDATE audit_entries SET number = 5
         WHERE number = 6; UPDATE audit_entries SET number = 6 WHERE number = 100)");
  EXPECT_EQ(verify_audit(*connection_)->first_bad, 5);
}

TEST_P(Audit, FindsACutTail) {
  tamper("DELETE FROM audit_entries WHERE number > 8");
  EXPECT_EQ(verify_audit(*connection_)->first_bad, 9);
}

TEST_P(Audit, FindsARewrittenTailByTheNotedHead) {
  const auto noted = verify_audit(*connection_)->head;
  tamper(
      R"(DELETE FROM audit_entries
         WHERE number > 8; UPDATE audit_head
         SET number = 8, hash = (SELECT hash FROM audit_entries WHERE number = 8))");
  EXPECT_NE(verify_audit(*connection_)->problem.find("triggers"), std::string::npos)
      << "nothing else is seen";
  EXPECT_NE(verify_audit(*connection_, noted)->problem.find("since it was noted"), std::string::npos);
}

TEST_P(Audit, GoesOnAfterRetention) {
  {
    auto transaction = store::Transaction::begin(*connection_);
    EXPECT_EQ(cut(4), 4);
    ASSERT_TRUE(transaction->commit());
  }
  add(10);
  auto verdict = verify_audit(*connection_);
  EXPECT_TRUE(verdict->is_whole) << verdict->problem;
  EXPECT_EQ(verdict->rows, 8);  // six of the ten, what says so, and the new one
  EXPECT_EQ(verdict->removed, 4);
  EXPECT_EQ(cut(6), 2);
  EXPECT_EQ(cut(6), 0);
  verdict = verify_audit(*connection_);
  EXPECT_TRUE(verdict->is_whole) << verdict->problem;
  EXPECT_EQ(verdict->rows, 7);
  EXPECT_EQ(verdict->removed, 6);
}

// Without its triggers the database lets rows before the anchor go.
TEST_P(Audit, FindsAPrefixThatWasRemovedWithTheAnchorMoved) {
  const auto noted = verify_audit(*connection_)->head;
  const auto move = [&](int through) {
    tamper(fmt::format(
        R"(UPDATE audit_head
           SET anchor_number = {0}, anchor_hash = (SELECT hash FROM audit_entries
             WHERE number = {0}); DELETE FROM audit_entries WHERE number <= {0})",
        through));
  };
  move(3);
  EXPECT_FALSE(verify_audit(*connection_)->is_whole);
  EXPECT_FALSE(verify_audit(*connection_, noted)->is_whole);
  EXPECT_EQ(verify_audit(*connection_)->first_bad, 1);
}

TEST_P(Audit, FindsThatMoreIsGoneThanRetentionTook) {
  EXPECT_EQ(cut(4), 4);
  tamper(
      R"(UPDATE audit_head
         SET anchor_number = 6, anchor_hash = (SELECT hash FROM audit_entries WHERE number = 6); DELETE
           FROM audit_entries WHERE number <= 6)");
  EXPECT_FALSE(verify_audit(*connection_)->is_whole);
}

// A row stands for a year: what somebody wrote, or a server answered, has an end.
TEST_P(Audit, KeepsTheBeginningOfLongWords) {
  const std::string words(1'000'000, 'w');
  AuditEntry entry;
  entry.run_id = "run_1";
  entry.step_id = step_id(entry.run_id, 11);
  entry.event = AuditEvent::error;
  entry.outcome = AuditOutcome::failure;
  entry.details = {{"reason", words},
                   {"answer", boost::json::object{{"said", boost::json::array{words, words}}}}};
  auto transaction = store::Transaction::begin(*connection_);
  ASSERT_TRUE(append_audit(*connection_, entry, Instant(std::chrono::hours(11))));
  ASSERT_TRUE(transaction->commit());
  const auto entries = list_audit(*connection_, {});
  ASSERT_TRUE(entries);
  const auto reason = std::string(entries->front().details.at("reason").as_string());
  EXPECT_TRUE(reason.starts_with("www") && reason.ends_with("w…")) << reason.size();
  EXPECT_LT(boost::json::serialize(entries->front().details).size(), 20'000U);
  EXPECT_TRUE(verify_audit(*connection_)->is_whole);
}

TEST_P(Audit, IsListedNewestFirstAndFiltered) {
  AuditQuery query;
  query.since = Instant(std::chrono::hours(7));
  const auto entries = list_audit(*connection_, query);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3);
  EXPECT_EQ(entries->front().number, 10);
  query.event = AuditEvent::error;
  EXPECT_TRUE(list_audit(*connection_, query)->empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, Audit, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::govern
