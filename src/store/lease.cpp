#include "store/lease.hpp"

namespace linnet::store {
namespace {

constexpr std::string_view kProcess = "process ";
// So that everybody learns that a process ended.
constexpr auto kKeptFor = std::chrono::minutes(10);

// The row of a lease is there from its first use on, so that there is something to be locked. Whoever renews
// changes no key and locks nobody out who looks; whoever takes it over waits for those.
Status lock_row(Connection& connection, std::string_view name) {
  LINNET_CHECK(run(connection,
                   "INSERT INTO leases (name, holder, token, lease_until) VALUES ($1, '', 0, 0) ON CONFLICT "
                   "(name) DO NOTHING",
                   {name}));
  if (connection.engine() == Engine::sqlite) return {};
  LINNET_TRY(const auto token,
             query_integer(connection, "SELECT token FROM leases WHERE name = $1 FOR UPDATE", {name}));
  (void)token;
  return {};
}

}  // namespace

Result<Instant> database_now(Connection& connection) {
  const auto* const sql = connection.engine() == Engine::sqlite
                              ? "SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
                              : "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
  LINNET_TRY(const auto micros, query_integer(connection, sql));
  return from_micros(micros.value_or(0));
}

Result<std::optional<Fence>> take_lease(Connection& connection, std::string_view name,
                                        std::string_view holder, Duration length) {
  LINNET_CHECK(lock_row(connection, name));
  LINNET_TRY(const auto now, database_now(connection));
  LINNET_TRY(
      const auto token,
      query_integer(connection,
                    "UPDATE leases SET token = token + 1, holder = $2, lease_until = $3 WHERE name = $1 AND "
                    "(holder IN ('', $2) OR lease_until < $4) RETURNING token",
                    {name, holder, to_micros(now + length), to_micros(now)}));
  if (!token) return std::optional<Fence>();
  return std::optional(Fence{std::string(name), std::string(holder), *token});
}

Result<std::map<std::string, std::int64_t>> renew_leases(Connection& connection, std::string_view holder,
                                                         Duration length) {
  LINNET_TRY(const auto now, database_now(connection));
  std::map<std::string, std::int64_t> held;
  LINNET_CHECK(
      for_each_row(connection, "UPDATE leases SET lease_until = $2 WHERE holder = $1 RETURNING name, token",
                   {holder, to_micros(now + length)},
                   [&](const Statement& row) { held.emplace(std::string(row.text(0)), row.integer(1)); }));
  return held;
}

Status give_lease_back(Connection& connection, const Fence& fence) {
  return run(connection,
             "UPDATE leases SET holder = '', lease_until = 0 WHERE name = $1 AND holder = $2 AND token = $3",
             {std::string_view(fence.name), std::string_view(fence.holder), fence.token});
}

Status give_leases_back(Connection& connection, std::string_view holder) {
  return run(connection, "UPDATE leases SET holder = '', lease_until = 0 WHERE holder = $1", {holder});
}

Result<bool> is_held(Connection& connection, const Fence& fence) {
  const std::string sql = "SELECT 1 FROM leases WHERE name = $1 AND holder = $2 AND token = $3";
  LINNET_TRY(const auto found,
             query_integer(connection, connection.engine() == Engine::sqlite ? sql : sql + " FOR KEY SHARE",
                           {std::string_view(fence.name), std::string_view(fence.holder), fence.token}));
  return found.has_value();
}

// "leas" in ASCII; the second half is the holder.
Status show_session(Connection& connection, std::string_view holder) {
  if (connection.engine() == Engine::sqlite) return {};
  return for_each_row(connection, "SELECT pg_advisory_lock_shared(1818583411, hashtext($1::text))::text",
                      {holder}, [](const Statement&) {});
}

Result<std::set<std::string>> holders_without_session(Connection& connection) {
  std::set<std::string> holders;
  if (connection.engine() == Engine::sqlite) return holders;
  LINNET_TRY(const auto now, database_now(connection));
  LINNET_CHECK(for_each_row(
      connection,
      "SELECT DISTINCT l.holder FROM leases l WHERE l.holder <> '' AND l.lease_until >= $1 AND "
      "(hashtext(l.holder)::bigint & 4294967295) NOT IN (SELECT k.objid::bigint FROM pg_locks k WHERE "
      "k.locktype = 'advisory' AND k.granted AND k.classid = 1818583411 AND k.database = (SELECT oid FROM "
      "pg_database WHERE datname = current_database()))",
      {to_micros(now)}, [&](const Statement& row) { holders.emplace(row.text(0)); }));
  return holders;
}

Status end_leases_of(Connection& connection, std::string_view holder) {
  LINNET_TRY(const auto now, database_now(connection));
  return run(connection, "UPDATE leases SET lease_until = $2 WHERE holder = $1 AND lease_until > $2",
             {holder, to_micros(now) - 1});
}

std::string lease_of_process(std::string_view process) {
  return std::string(kProcess) + std::string(process);
}

std::optional<std::string> process_of_lease(std::string_view name) {
  if (!name.starts_with(kProcess)) return std::nullopt;
  return std::string(name.substr(kProcess.size()));
}

Result<std::map<std::string, LeaseRow>> read_leases(Connection& connection) {
  LINNET_TRY(const auto now, database_now(connection));
  std::map<std::string, LeaseRow> rows;
  LINNET_CHECK(
      for_each_row(connection, "SELECT name, holder, lease_until FROM leases", {}, [&](const Statement& row) {
        const bool is_alive = !row.text(1).empty() && row.instant(2) >= now;
        rows.emplace(std::string(row.text(0)), LeaseRow{std::string(row.text(1)), is_alive, row.instant(2)});
      }));
  return rows;
}

Status forget_old_leases(Connection& connection) {
  LINNET_TRY(const auto now, database_now(connection));
  return run(connection, "DELETE FROM leases WHERE name LIKE 'process %' AND lease_until < $1",
             {to_micros(now - kKeptFor)});
}

}  // namespace linnet::store
