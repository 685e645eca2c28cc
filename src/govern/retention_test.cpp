#include "govern/retention.hpp"

#include <gtest/gtest.h>

#include "govern/audit.hpp"
#include "kit/test_database.hpp"

namespace linnet::govern {
namespace {

using std::chrono::hours;

class Retention : public testing::TestWithParam<store::Engine> {};

TEST_P(Retention, RemovesWhatIsOldAndKeepsForeignKeysWhole) {
  LINNET_SKIP_WITHOUT(GetParam());
  const test::TestDatabase database(GetParam());
  auto writer = std::move(store::Writer::start(*database)).value();
  const Instant now(hours(24 * 1'000));
  ASSERT_TRUE(writer->write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(connection,
                            R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id,
                                 username, created_at, updated_at)
                               VALUES ('acc', 'mastodon', 1, 'me', 'me', 0, 0))"));
    for (const auto& [id, age] : {std::pair{"old", 400}, {"mid", 40}, {"new", 1}}) {
      const auto at = to_micros(now - hours(24 * age));
      const std::string_view name(id);
      LINNET_CHECK(store::run(
          connection,
          R"(INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type,
               target_id, status, due_at, planned_at, requested_by, attempted_at)
             VALUES ($1, 'r', 'mastodon', 'dm_send', 'acc', 'user', $1, 'success', 0, 0, 'ada', $2))",
          {name, at}));
      LINNET_CHECK(
          store::run(connection,
                     R"(INSERT INTO verification_results (id, action_attempt_id, verified, confidence,
                          method, verified_at, duration_ms)
                        VALUES ($1, $1, 1, 1.0, 'manual', 0, 0))",
                     {name}));
      LINNET_CHECK(store::run(connection,
                              R"(INSERT INTO dm_threads (id, platform, platform_thread_id, account_id,
                                   participant_id, participant_username, discovered_at, last_synced_at)
                                 VALUES ($1, 'mastodon', $1, 'acc', 'b', 'b', 0, 0))",
                              {name}));
      LINNET_CHECK(store::run(connection,
                              R"(INSERT INTO dm_messages (id, platform, platform_message_id, thread_id,
                                   is_from_us, content_encrypted, action_attempt_id, discovered_at)
                                 VALUES ($1, 'mastodon', $1, $1, 1, 'sealed', $1, $2))",
                              {name, at}));
      AuditEntry entry;
      entry.run_id = entry.step_id = id;
      LINNET_CHECK(append_audit(connection, entry, now - hours(24 * age)));
    }
    return {};
  }));
  const auto planned = apply_retention(*database, *writer, now, true).value();
  const auto done = apply_retention(*database, *writer, now, false);
  ASSERT_TRUE(done) << done.error().message;
  for (std::size_t i = 0; i < done->size(); ++i)
    EXPECT_EQ((*done)[i].count, planned[i].count) << (*done)[i].what;
  auto reader = database->reader();
  const auto count = [&](std::string_view sql) { return store::query_integer(**reader, sql)->value_or(-1); };
  EXPECT_EQ(count("SELECT COUNT(*) FROM action_attempts"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM verification_results"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM dm_messages WHERE content_encrypted = '[REDACTED]'"), 2);
  EXPECT_EQ(count("SELECT COUNT(*) FROM dm_messages"), 3);
  const auto verdict = verify_audit(**reader);
  EXPECT_TRUE(verdict->is_whole) << verdict->problem;
  const auto again = apply_retention(*database, *writer, now, true).value();
  for (const auto& result : again) EXPECT_EQ(result.count, 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, Retention, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::govern
