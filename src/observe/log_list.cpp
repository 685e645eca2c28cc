#include "observe/log_list.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "observe/event_log.hpp"
#include "store/record/sql.hpp"

namespace linnet::observe {
namespace {

// Linnet's own facts may name posts that only followers see.
constexpr std::string_view kIsForFew = R"(CASE
    WHEN instance_id = 0 THEN 1
    WHEN payload_status_id IS NULL THEN 0
    ELSE coalesce(
      (SELECT p.followers_only FROM posts p
       WHERE p.instance_id = event_rows.instance_id AND p.id = event_rows.payload_status_id),
      (SELECT 0 FROM post_tombstones t
       WHERE t.instance_id = event_rows.instance_id AND t.post_id = event_rows.payload_status_id),
      1) END)";

// So many of the newest events are looked at.
constexpr std::int64_t kCountedByMinute = 50'000;

}  // namespace

Result<std::vector<LoggedItem>> list_log(store::Connection& connection, const LogQuery& query) {
  return record::find_all<LoggedItem>(
      connection,
      fmt::format("id < $1 AND ($2 = '' OR event_type = $2) AND ($3 = '' OR payload_status_id = $3){}{} "
                  "ORDER BY id DESC LIMIT $4",
                  query.only_failed ? " AND process_error IS NOT NULL" : "",
                  query.without_few ? fmt::format(" AND {} = 0", kIsForFew) : ""),
      {query.before, std::string_view(query.kind), std::string_view(query.status_id), query.limit});
}

Result<std::optional<LoggedItem>> find_logged(store::Connection& connection, EventId id) {
  return record::find_first<LoggedItem>(connection, "id = $1", {id.value()});
}

Result<std::int64_t> count_failed(store::Connection& connection) {
  LINNET_TRY(
      const auto failed,
      store::query_integer(connection, "SELECT count(*) FROM event_rows WHERE process_error IS NOT NULL"));
  return failed.value_or(0);
}

Result<std::vector<LoggedMinute>> events_by_minute(store::Connection& connection) {
  LINNET_TRY(const auto last, last_logged(connection));
  LINNET_TRY(auto minutes,
             record::find_all<LoggedMinute>(
                 connection, "id > $1 GROUP BY received_at - received_at % 60000000 ORDER BY 1 DESC LIMIT 60",
                 {last.value() - kCountedByMinute}));
  std::reverse(minutes.begin(), minutes.end());
  return minutes;
}

}  // namespace linnet::observe

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::observe::LoggedItem>() {
  using linnet::observe::LoggedItem;
  static const Entity described = entity<LoggedItem>(
      {.name = "LoggedEvent", .table = "event_rows"},
      {field<&LoggedItem::id>("id").key(),
       field<&LoggedItem::instance>("instance")
           .worked_out("(SELECT i.base_url FROM instances i WHERE i.id = event_rows.instance_id)"),
       field<&LoggedItem::received_at>("received_at"), field<&LoggedItem::event_type>("event_type"),
       field<&LoggedItem::status_id>("status_id").in_column("payload_status_id"),
       field<&LoggedItem::processed_at>("processed_at").worked_out(R"(CASE
           WHEN process_error IS NULL THEN (SELECT m.processed_at FROM event_marks m
             WHERE m.last_event_id >= event_rows.id ORDER BY m.last_event_id LIMIT 1) END)"),
       field<&LoggedItem::error>("error").in_column("process_error"),
       field<&LoggedItem::left_out>("left_out"),
       field<&LoggedItem::is_for_few>("is_for_few").worked_out(linnet::observe::kIsForFew).hidden()});
  return described;
}

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::observe::LoggedMinute>() {
  using linnet::observe::LoggedMinute;
  static const Entity described = entity<LoggedMinute>(
      {.name = "LoggedMinute", .table = "event_rows"},
      {field<&LoggedMinute::minute>("minute").worked_out("received_at - received_at % 60000000"),
       field<&LoggedMinute::events>("events").worked_out("count(*)")});
  return described;
}
