// Tables that were lost, or are older than the log beside them: the mirror of log_survey.hpp. Posts come
// again from the log; what people decided (opt-outs, the blocklist, consents, the stop, the audit trail) is
// in the tables alone, so nobody begins anew without having been asked.
#pragma once

#include <optional>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/database.hpp"

namespace linnet::observe {

// There is no table at all, or they know of no server, as where making them anew was broken off; and the log
// has events.
Result<bool> are_tables_lost(store::Database& database);
// `corrupt` where they are; says what is lost with them and what helps.
Status refuse_lost_tables(store::Database& database);
// Makes the tables anew. The addresses of the servers that the log's events came from are lost with them:
// each gets one that nobody has, so that no other takes its number. Returns how many.
Result<std::int64_t> begin_tables_anew(store::Database& database, Instant now);

// What the log knows to have been in the tables and is there no more, with its words for people; nullopt:
// they are not older than it. Tables that a replay fills again are not.
struct TablesBehind {
  EventId applied{};  // what they hold
  EventId once{};     // what they held
  std::string in_words;
};
Result<std::optional<TablesBehind>> find_tables_behind(store::Connection& connection);
// Within the transaction that begins a replay of tables which hold everything up to `applied`.
Status note_replay_begins(store::Connection& connection, EventId applied);

}  // namespace linnet::observe
