#include "observe/event_log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "observe/event_block.hpp"
#include "observe/own_facts.hpp"
#include "store/bulk.hpp"

namespace linnet::observe {
namespace {

using store::Blob;
using store::ColumnType;
using store::Value;

constexpr std::size_t kBlockEvents = 256;
constexpr std::size_t kBlockBytes = 2U << 20U;

const store::BulkInsert kInsertRows{"event_rows",
                                    {{"id", ColumnType::integer},
                                     {"instance_id", ColumnType::integer},
                                     {"received_at", ColumnType::integer},
                                     {"event_type", ColumnType::text},
                                     {"payload_status_id", ColumnType::text},
                                     {"process_error", ColumnType::text},
                                     {"left_out", ColumnType::text}}};
const store::BulkInsert kInsertBlocks{"event_blocks",
                                      {{"first_event_id", ColumnType::integer},
                                       {"event_count", ColumnType::integer},
                                       {"codec", ColumnType::integer},
                                       {"raw_bytes", ColumnType::integer},
                                       {"payloads", ColumnType::blob}}};

// Leases stand in the tables, which on SQLite the log does not see; there nobody else takes one.
Status refuse_what_is_lost(store::Connection& connection, std::span<const store::Fence> under) {
  if (connection.engine() == store::Engine::sqlite) return {};
  for (const auto& fence : under) {
    LINNET_TRY(const bool is_held, store::is_held(connection, fence));
    if (!is_held) return Error::of(ErrorKind::cancelled, "another process does it now: " + fence.name);
  }
  return {};
}

}  // namespace

struct EventLogWriter::Compressor {
  CompressContext context{ZSTD_createCCtx()};
  std::string raw;
  std::vector<std::string> packed;  // of the transaction being written
};

EventLogWriter::EventLogWriter(store::Connection& connection)
    : connection_(&connection), compressor_(std::make_unique<Compressor>()) {}
EventLogWriter::~EventLogWriter() = default;
EventLogWriter::EventLogWriter(EventLogWriter&&) noexcept = default;
EventLogWriter& EventLogWriter::operator=(EventLogWriter&&) noexcept = default;

Status EventLogWriter::append_blocks(std::span<const model::Event> events,
                                     std::span<const std::string_view> lines) {
  auto& [context, raw, packed] = *compressor_;
  store::RowBatch blocks(5);
  packed.clear();
  packed.reserve(events.size());  // blocks borrow from it
  for (std::size_t begin = 0; begin < events.size();) {
    raw.clear();
    std::size_t end = begin;
    while (end < events.size() && end - begin < kBlockEvents && (end == begin || raw.size() < kBlockBytes)) {
      raw.append(lines[end++]);
      raw += '\n';
    }
    auto& out = packed.emplace_back();
    LINNET_CHECK(pack_block(*context, raw, out));
    blocks.add_row(events[begin].id.value(), static_cast<std::int64_t>(end - begin), std::int64_t{kZstdBlock},
                   static_cast<std::int64_t>(raw.size()), Blob{out});
    begin = end;
  }
  return connection_->insert_many(kInsertBlocks, blocks);
}

Status EventLogWriter::append(std::span<model::Event> events, std::span<const std::string_view> lines,
                              std::span<const LoggedCursor> cursors, Instant now,
                              std::span<const store::Fence> under) {
  transaction_id_.clear();
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection_));
  LINNET_CHECK(refuse_what_is_lost(*connection_, under));
  if (!events.empty()) {
    const auto count = static_cast<std::int64_t>(events.size());
    LINNET_TRY(const auto last,
               store::query_integer(*connection_,
                                    "UPDATE event_log_head SET last_event_id = last_event_id + $1 "
                                    "WHERE only_row = 1 RETURNING last_event_id",
                                    {count}));
    std::int64_t id = last.value_or(count) - count;
    store::RowBatch rows(7);
    rows.reserve(events.size());
    for (auto& event : events) {
      event.id = EventId(++id);
      rows.add_row(id, event.instance.value(), to_micros(event.received_at), event.type,
                   store::text_or_null(event.status_id), store::text_or_null(event.error),
                   store::text_or_null(event.left_out));
    }
    LINNET_CHECK(connection_->insert_many(kInsertRows, rows));
    LINNET_CHECK(append_blocks(events, lines));
  }
  for (const auto& cursor : cursors) {
    LINNET_CHECK(store::run(
        *connection_,
        "INSERT INTO connector_cursors (connector, cursor, saved_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (connector) DO UPDATE SET cursor = excluded.cursor, saved_at = excluded.saved_at",
        {cursor.connector, cursor.position, to_micros(now)}));
  }
  LINNET_TRY(transaction_id_, connection_->transaction_id());
  return transaction.commit();
}

Result<bool> EventLogWriter::has_appended() {
  if (transaction_id_.empty()) return false;
  return connection_->has_committed(transaction_id_);
}

Status EventLogWriter::mark_processed(EventId applied, Instant now) {
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection_));
  LINNET_CHECK(store::run(*connection_,
                          "INSERT INTO event_marks (last_event_id, processed_at) VALUES ($1, $2) "
                          "ON CONFLICT (last_event_id) DO NOTHING",
                          {applied.value(), to_micros(now)}));
  return transaction.commit();
}

Result<EventId> last_logged(store::Connection& connection) {
  LINNET_TRY(const auto last,
             store::query_integer(connection, "SELECT last_event_id FROM event_log_head WHERE only_row = 1"));
  return EventId(last.value_or(0));
}

Result<EventId> first_logged(store::Connection& connection) {
  LINNET_TRY(const auto first, store::query_integer(connection, "SELECT min(id) FROM event_rows"));
  return EventId(first.value_or(0));
}

Result<std::int64_t> reread_failed(store::Connection& log_writer) {
  struct Reread {
    std::int64_t id;
    std::string type;
    std::string status_id;
  };
  std::vector<std::int64_t> failed;
  LINNET_CHECK(
      store::for_each_row(log_writer, "SELECT id FROM event_rows WHERE process_error IS NOT NULL ORDER BY id",
                          {}, [&](const store::Statement& row) { failed.push_back(row.integer(0)); }));
  LineReader reader;
  std::vector<Reread> understood;
  for (const auto id : failed) {
    const auto take = [&](const LoggedEvent& event) -> Status {
      Arena arena;
      const auto again = reader.read(event.instance, event.line, event.received_at, arena);
      if (again.error.empty()) {
        understood.push_back({id, std::string(again.type), std::string(again.status_id)});
      }
      return {};
    };
    // One that is damaged stays failed.
    LINNET_CHECK(read_around_damage(log_writer, EventId(id), EventId(id), take,
                                    [](const LogDamage&) { return Status(); }));
  }
  LINNET_TRY(auto transaction, store::Transaction::begin(log_writer));
  for (const auto& event : understood) {
    LINNET_CHECK(
        store::run(log_writer,
                   "UPDATE event_rows SET process_error = NULL, event_type = $2, payload_status_id = $3 "
                   "WHERE id = $1",
                   {event.id, std::string_view(event.type), store::text_or_null(event.status_id)}));
  }
  LINNET_CHECK(transaction.commit());
  return static_cast<std::int64_t>(understood.size());
}

Result<EventId> first_kept(store::Connection& log, Instant before, EventId applied) {
  // The oldest that is kept by age, or the first the tables do not hold; then back to the beginning of its
  // block.
  LINNET_TRY(const auto by_age,
             store::query_integer(log, "SELECT min(id) FROM event_rows WHERE received_at >= $1",
                                  {to_micros(before)}));
  const std::int64_t keep = std::min(by_age.value_or(applied.value() + 1), applied.value() + 1);
  LINNET_TRY(const auto block,
             store::query_integer(
                 log, "SELECT max(first_event_id) FROM event_blocks WHERE first_event_id <= $1", {keep}));
  LINNET_TRY(const auto end,
             store::query_integer(
                 log, "SELECT first_event_id + event_count FROM event_blocks WHERE first_event_id = $1",
                 {block.value_or(0)}));
  // Rows that belong to no block, as in a log that lost some, go by themselves.
  return EventId(!block || *end <= keep ? keep : *block);
}

Result<std::optional<std::int64_t>> prune_some(store::Connection& log_writer, EventId first_kept) {
  constexpr std::int64_t kBlocksAtOnce = 32;
  LINNET_TRY(auto transaction, store::Transaction::begin(log_writer));
  LINNET_TRY(const auto end,
             store::query_integer(log_writer,
                                  "SELECT max(first_event_id + event_count) FROM (SELECT first_event_id, "
                                  "event_count FROM event_blocks WHERE first_event_id < $1 ORDER BY "
                                  "first_event_id LIMIT $2) AS b",
                                  {first_kept.value(), kBlocksAtOnce}));
  const auto before = end.value_or(first_kept.value());
  LINNET_CHECK(store::run(log_writer, "DELETE FROM event_blocks WHERE first_event_id < $1", {before}));
  LINNET_CHECK(store::run(log_writer, "DELETE FROM event_rows WHERE id < $1", {before}));
  const auto gone = log_writer.changes();
  if (!end && gone == 0) return std::nullopt;
  LINNET_CHECK(store::run(log_writer, "DELETE FROM event_marks WHERE last_event_id < $1", {before}));
  LINNET_CHECK(transaction.commit());
  return std::optional(gone);
}

}  // namespace linnet::observe
