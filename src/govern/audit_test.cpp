#include "govern/audit.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "kit/test_database.hpp"
#include "store/writer.hpp"

namespace linnet::govern {
namespace {

class Audit : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::postgres && test::postgres_address() == nullptr)
      GTEST_SKIP() << "no PostgreSQL";
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
    const std::string off = GetParam() == store::Engine::sqlite
                                ? "DROP TRIGGER audit_entries_kept; DROP TRIGGER audit_entries_unchanged; "
                                : "DROP TRIGGER audit_entries_kept ON audit_entries; ";
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
  EXPECT_FALSE(connection_->execute("UPDATE audit_entries SET outcome = 'success' WHERE number = 3"));
  EXPECT_FALSE(connection_->execute("DELETE FROM audit_entries WHERE number = 3"));
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
      "UPDATE audit_entries SET number = 100 WHERE number = 5; UPDATE audit_entries SET number = 5 WHERE "
      "number = 6; UPDATE audit_entries SET number = 6 WHERE number = 100");
  EXPECT_EQ(verify_audit(*connection_)->first_bad, 5);
}

TEST_P(Audit, FindsACutTail) {
  tamper("DELETE FROM audit_entries WHERE number > 8");
  EXPECT_EQ(verify_audit(*connection_)->first_bad, 9);
}

TEST_P(Audit, FindsARewrittenTailByTheNotedHead) {
  const auto noted = verify_audit(*connection_)->head;
  tamper(
      "DELETE FROM audit_entries WHERE number > 8; UPDATE audit_head SET number = 8, "
      "hash = (SELECT hash FROM audit_entries WHERE number = 8)");
  EXPECT_TRUE(verify_audit(*connection_)->is_whole);
  EXPECT_FALSE(verify_audit(*connection_, noted)->is_whole);
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

// The database itself lets rows before the anchor go.
TEST_P(Audit, FindsAPrefixThatWasRemovedWithTheAnchorMoved) {
  const auto noted = verify_audit(*connection_)->head;
  const auto move = [&](int through) {
    const auto done =
        connection_->execute(fmt::format("UPDATE audit_head SET anchor_number = {0}, anchor_hash = (SELECT "
                                         "hash FROM audit_entries WHERE number "
                                         "= {0}); DELETE FROM audit_entries WHERE number <= {0}",
                                         through));
    ASSERT_TRUE(done) << done.error().message;
  };
  move(3);
  EXPECT_FALSE(verify_audit(*connection_)->is_whole);
  EXPECT_FALSE(verify_audit(*connection_, noted)->is_whole);
  EXPECT_EQ(verify_audit(*connection_)->first_bad, 1);
}

TEST_P(Audit, FindsThatMoreIsGoneThanRetentionTook) {
  EXPECT_EQ(cut(4), 4);
  ASSERT_TRUE(connection_->execute(
      "UPDATE audit_head SET anchor_number = 6, anchor_hash = (SELECT hash FROM audit_entries WHERE number = "
      "6); DELETE FROM audit_entries WHERE number <= 6"));
  EXPECT_FALSE(verify_audit(*connection_)->is_whole);
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
