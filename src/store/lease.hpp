// Who does what, of several processes on one database: a lease is held by one of them, and runs out by the
// database's clock, which all share, unless its holder says in time that it lives.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::store {

// One holding of a lease, as nobody has it again: neither another process nor the same one later.
struct Fence {
  std::string name;
  std::string holder;
  std::int64_t token = 0;
  friend bool operator==(const Fence&, const Fence&) = default;
};

// By which leases are measured. An embedded database has no clock but this machine's, asked here past any
// that tests move.
Result<Instant> database_now(Connection& connection);

// Within a transaction, which waits for whoever writes under the lease just now. nullopt while another holds
// it. Whoever holds it already has a new holding: what was begun under the old one is not written any more.
Result<std::optional<Fence>> take_lease(Connection& connection, std::string_view name,
                                        std::string_view holder, Duration length);
// Of all that the holder has; what another took meanwhile is not among them any more. Name to token.
Result<std::map<std::string, std::int64_t>> renew_leases(Connection& connection, std::string_view holder,
                                                         Duration length);
Status give_lease_back(Connection& connection, const Fence& fence);
// All of them, at its end.
Status give_leases_back(Connection& connection, std::string_view holder);

// Within a transaction: whether the lease is still held so. Until the transaction ends nobody else takes it.
Result<bool> is_held(Connection& connection, const Fence& fence);

// The server knows sooner than any clock that a process ended: its connection is cut. Told by the connection
// that the process keeps for its leases.
Status show_session(Connection& connection, std::string_view holder);
// Who has leases that have not run out, and shows no session (PostgreSQL; else nobody).
Result<std::set<std::string>> holders_without_session(Connection& connection);
// Its leases have run out.
Status end_leases_of(Connection& connection, std::string_view holder);

// The lease that says that a process lives.
std::string lease_of_process(std::string_view process);
// The other way round; nullopt: the lease is another's.
std::optional<std::string> process_of_lease(std::string_view name);

struct LeaseRow {
  std::string holder;
  bool is_alive = false;  // held, and not run out
  Instant lease_until = {};
};
// By name, without waiting for anybody.
Result<std::map<std::string, LeaseRow>> read_leases(Connection& connection);
// Of processes that ended long ago.
Status forget_old_leases(Connection& connection);

}  // namespace linnet::store
