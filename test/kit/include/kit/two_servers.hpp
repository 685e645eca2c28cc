// Two Mastodon servers with an account on each, in the tables: 42 is somebody else on each of them, and Ada,
// who lives on the first, is 77 on the second.
#pragma once

#include <gtest/gtest.h>

#include "store/writer.hpp"

namespace linnet::test {

inline void add_two_servers(store::Writer& writer) {
  const auto done = writer.write([](store::Connection& connection) {
    return connection.execute(
        "INSERT INTO instances (base_url, platform, created_at) VALUES ('https://a.example', 'mastodon', 0); "
        "INSERT INTO instances (base_url, platform, created_at) VALUES ('https://b.example', 'mastodon', 0); "
        "INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at, "
        "updated_at) SELECT 'on-' || substr(base_url, 9, 1), 'mastodon', id, 'me', 'me', 0, 0 FROM "
        "instances; "
        "INSERT INTO platform_users (instance_id, id, username, acct, bio, discovered_at, last_seen_at, "
        "last_updated_at) SELECT id, '42', 'ada', 'ada', 'I paint', 0, 0, 0 FROM instances WHERE base_url = "
        "'https://a.example'; "
        "INSERT INTO platform_users (instance_id, id, username, acct, discovered_at, last_seen_at, "
        "last_updated_at) SELECT id, '77', 'ada', 'ada@a.example', 0, 0, 0 FROM instances WHERE base_url = "
        "'https://b.example'; "
        "INSERT INTO platform_users (instance_id, id, username, acct, discovered_at, last_seen_at, "
        "last_updated_at) SELECT id, '42', 'carl', 'carl', 0, 0, 0 FROM instances WHERE base_url = "
        "'https://b.example'");
  });
  ASSERT_TRUE(done) << done.error().message;
}

// A like of a person's post that waits for its time.
inline void add_pending_like(store::Writer& writer, std::string_view id, std::string_view account,
                             std::string_view person) {
  const auto done = writer.write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(
        connection,
        "INSERT INTO action_attempts (id, run_id, platform, action_type, account_id, target_type, target_id, "
        "target_user_id, status, due_at, planned_at, requested_by, attempted_at) VALUES ($1, 'run-' || $1, "
        "'mastodon', 'like', $2, 'post', 'post-' || $1, $3, 'pending', 0, 0, 'me', 0)",
        {id, account, person}));
    return store::run(
        connection,
        "INSERT INTO approvals (id, attempt_id, reason, created_at, expires_at) VALUES ($1, $1, "
        "'first time', 0, 9)",
        {id});
  });
  ASSERT_TRUE(done) << done.error().message;
}

}  // namespace linnet::test
