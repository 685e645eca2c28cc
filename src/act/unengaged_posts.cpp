#include "act/unengaged_posts.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "govern/audit.hpp"
#include "observe/erasure_leftovers.hpp"
#include "observe/own_facts.hpp"

namespace linnet::act {
namespace {

constexpr std::string_view kRule = "posts that are not engaged";
constexpr std::int64_t kAtOnce = 300;  // posts in one event

// $1 is the server, $2 the moment, $3 a little after it: no post lies further ahead of when it was seen
// first, and the index of times answers.
constexpr std::string_view kUnengaged = R"(p.instance_id = $1 AND p.created_at < $3 AND p.discovered_at < $2
  AND NOT EXISTS (SELECT 1 FROM post_engagements e WHERE e.instance_id = p.instance_id AND e.post_id = p.id
    AND e.engagement_status <> 'not_engaged')
  AND NOT EXISTS (SELECT 1 FROM accounts o WHERE o.instance_id = p.instance_id
    AND o.platform_user_id = p.account_id)
  AND NOT EXISTS (SELECT 1 FROM action_attempts a JOIN accounts o ON o.id = a.account_id
    WHERE a.target_id = p.id AND a.target_type = 'post' AND o.instance_id = p.instance_id
    AND (a.status IN ('pending', 'in_progress', 'unknown')
      OR (a.status = 'success' AND a.superseded_at IS NULL))))";

constexpr Duration kLiesAhead = std::chrono::minutes(10);

Result<std::vector<InstanceId>> servers_of(store::Connection& connection) {
  std::vector<InstanceId> servers;
  LINNET_CHECK(
      store::for_each_row(connection, "SELECT id FROM instances ORDER BY id", {},
                          [&](const store::Statement& row) { servers.emplace_back(row.integer(0)); }));
  return servers;
}

// Where the next look begins: the same posts are found again until their event is applied.
struct FoundUpTo {
  std::int64_t created_at = std::numeric_limits<std::int64_t>::min();
  std::string id;
};

Result<std::vector<std::string>> next_unengaged(store::Connection& connection, InstanceId server,
                                                Instant before, FoundUpTo& up_to) {
  std::vector<std::string> posts;
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format(
          "SELECT p.id, p.created_at FROM posts p WHERE {} AND (p.created_at, p.id) > ($4, $5) ORDER BY "
          "p.created_at, p.id LIMIT $6",
          kUnengaged),
      {server.value(), to_micros(before), to_micros(before + kLiesAhead), up_to.created_at,
       std::string_view(up_to.id), kAtOnce},
      [&](const store::Statement& row) {
        posts.emplace_back(row.text(0));
        up_to.created_at = row.integer(1);
      }));
  if (!posts.empty()) up_to.id = posts.back();
  return posts;
}

Status write_down(store::Connection& connection, std::int64_t count, Instant now) {
  govern::AuditEntry entry;
  LINNET_TRY(entry.run_id, govern::make_run_id(now));
  entry.step_id = govern::step_id(entry.run_id, 1);
  entry.event = govern::AuditEvent::action_complete;
  entry.actor = "linnet";
  entry.outcome = govern::AuditOutcome::success;
  entry.details = {{"what", "retention"}, {"of", "posts"}, {"count", count}};
  return govern::append_audit(connection, std::move(entry), now);
}

}  // namespace

Result<std::int64_t> count_unengaged(store::Connection& connection, Instant before) {
  std::int64_t count = 0;
  LINNET_TRY(const auto servers, servers_of(connection));
  for (const auto server : servers) {
    LINNET_TRY(
        const auto found,
        store::query_integer(connection, fmt::format("SELECT count(*) FROM posts p WHERE {}", kUnengaged),
                             {server.value(), to_micros(before), to_micros(before + kLiesAhead)}));
    count += found.value_or(0);
  }
  return count;
}

Result<std::int64_t> remove_unengaged(store::Database& database, store::Writer& writer,
                                      observe::Ingest& ingest, Instant before, Instant now) {
  std::int64_t count = 0;
  LINNET_TRY(auto reader, database.reader());
  LINNET_TRY(const auto servers, servers_of(*reader));
  for (const auto server : servers) {
    for (FoundUpTo up_to;;) {
      LINNET_TRY(auto posts, next_unengaged(*reader, server, before, up_to));
      if (posts.empty()) break;
      count += static_cast<std::int64_t>(posts.size());
      const observe::PostsRemoved fact{std::string(kRule), before, server, std::move(posts)};
      LINNET_CHECK(ingest.submit_durably({{observe::kLinnet, observe::line_of(fact, now)}}));
    }
  }
  if (count == 0) return count;
  LINNET_CHECK(ingest.drain());
  LINNET_CHECK(
      writer.write([&](store::Connection& connection) { return write_down(connection, count, now); }));
  LINNET_CHECK(observe::finish_search(database, writer));
  return count;
}

}  // namespace linnet::act
