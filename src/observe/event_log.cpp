#include "observe/event_log.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connect/mastodon/event_reader.hpp"
#include "observe/event_block.hpp"
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
                                     {"process_error", ColumnType::text}}};
const store::BulkInsert kInsertBlocks{"event_blocks",
                                      {{"first_event_id", ColumnType::integer},
                                       {"event_count", ColumnType::integer},
                                       {"codec", ColumnType::integer},
                                       {"raw_bytes", ColumnType::integer},
                                       {"payloads", ColumnType::blob}}};

Value text_or_null(std::string_view text) {
  return text.empty() ? Value() : Value(text);
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
                              std::span<const LoggedCursor> cursors, Instant now) {
  transaction_id_.clear();
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection_));
  if (!events.empty()) {
    const auto count = static_cast<std::int64_t>(events.size());
    LINNET_TRY(const auto last,
               store::query_integer(*connection_,
                                    "UPDATE event_log_head SET last_event_id = last_event_id + $1 "
                                    "WHERE only_row = 1 RETURNING last_event_id",
                                    {count}));
    std::int64_t id = last.value_or(count) - count;
    store::RowBatch rows(6);
    rows.reserve(events.size());
    for (auto& event : events) {
      event.id = EventId(++id);
      rows.add_row(id, event.instance.value(), to_micros(event.received_at), event.type,
                   text_or_null(event.status_id), text_or_null(event.error));
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

namespace {

// Reads the rows and the blocks of a stretch of the log side by side.
class StretchReader {
 public:
  StretchReader(store::Connection& connection, std::int64_t first, std::int64_t last)
      : connection_(connection), first_(first), last_(last) {}

  Status read(const std::function<Status(const LoggedEvent&)>& on_event) {
    LINNET_TRY(auto* blocks,
               connection_.prepare(
                   "SELECT first_event_id, event_count, codec, payloads, raw_bytes FROM event_blocks "
                   "WHERE first_event_id <= $2 AND first_event_id + event_count > $1 "
                   "AND first_event_id > $1 - 300 ORDER BY first_event_id"));
    blocks->bind(1, first_);
    blocks->bind(2, last_);
    while (true) {
      LINNET_TRY(const bool more, blocks->step());
      if (!more) return {};
      LINNET_CHECK(unpack_block(*blocks, *context_, text_, lines_));
      auto status = read_block(blocks->integer(0), on_event);
      if (!status) {
        blocks->reset();
        return status;
      }
    }
  }

 private:
  Status read_block(std::int64_t block, const std::function<Status(const LoggedEvent&)>& on_event) {
    LINNET_TRY(auto* rows,
               connection_.prepare("SELECT id, instance_id, received_at, event_type, process_error "
                                   "FROM event_rows WHERE id >= $1 AND id < $2 ORDER BY id"));
    rows->bind(1, block);
    rows->bind(2, block + static_cast<std::int64_t>(lines_.size()));
    while (true) {
      LINNET_TRY(const bool more, rows->step());
      if (!more) return {};
      const auto id = rows->integer(0);
      if (id < first_ || id > last_) continue;
      auto status = on_event({EventId(id), InstanceId(rows->integer(1)), rows->instant(2), rows->text(3),
                              rows->text(4), lines_[static_cast<std::size_t>(id - block)]});
      if (!status) {
        rows->reset();
        return status;
      }
    }
  }

  store::Connection& connection_;
  std::int64_t first_;
  std::int64_t last_;
  DecompressContext context_{ZSTD_createDCtx()};
  std::string text_;
  std::vector<std::string_view> lines_;
};

}  // namespace

Status read_events(store::Connection& connection, EventId first, EventId last,
                   const std::function<Status(const LoggedEvent&)>& on_event) {
  // In stretches, so that no engine holds the whole log as one result.
  constexpr std::int64_t kStretch = 4'096;
  for (std::int64_t begin = first.value(); begin <= last.value(); begin += kStretch) {
    const auto end = std::min(begin + kStretch - 1, last.value());
    LINNET_CHECK(StretchReader(connection, begin, end).read(on_event));
  }
  return {};
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
  connect::mastodon::EventReader reader;
  std::vector<Reread> understood;
  for (const auto id : failed) {
    LINNET_CHECK(read_events(log_writer, EventId(id), EventId(id), [&](const LoggedEvent& event) -> Status {
      Arena arena;
      const auto again = reader.read(event.line, event.received_at, arena);
      if (again.error.empty()) {
        understood.push_back({id, std::string(again.type), std::string(again.status_id)});
      }
      return {};
    }));
  }
  LINNET_TRY(auto transaction, store::Transaction::begin(log_writer));
  for (const auto& event : understood) {
    LINNET_CHECK(
        store::run(log_writer,
                   "UPDATE event_rows SET process_error = NULL, event_type = $2, payload_status_id = $3 "
                   "WHERE id = $1",
                   {event.id, std::string_view(event.type), text_or_null(event.status_id)}));
  }
  LINNET_CHECK(transaction.commit());
  return static_cast<std::int64_t>(understood.size());
}

Result<std::int64_t> prune_log(store::Connection& log_writer, Instant before, EventId applied, bool dry_run) {
  LINNET_TRY(auto transaction, store::Transaction::begin(log_writer));
  // The first event that must stay: the oldest kept by age, or the first the tables do not hold; then back to
  // the beginning of its block.
  LINNET_TRY(const auto by_age,
             store::query_integer(log_writer, "SELECT min(id) FROM event_rows WHERE received_at >= $1",
                                  {to_micros(before)}));
  const std::int64_t keep = std::min(by_age.value_or(applied.value() + 1), applied.value() + 1);
  LINNET_TRY(
      const auto block,
      store::query_integer(
          log_writer, "SELECT max(first_event_id) FROM event_blocks WHERE first_event_id <= $1", {keep}));
  LINNET_TRY(
      const auto end,
      store::query_integer(log_writer,
                           "SELECT first_event_id + event_count FROM event_blocks WHERE first_event_id = $1",
                           {block.value_or(0)}));
  const std::int64_t first_kept = end && *end <= keep ? *end : block.value_or(0);
  LINNET_TRY(const auto count,
             store::query_integer(log_writer, "SELECT count(*) FROM event_rows WHERE id < $1", {first_kept}));
  if (dry_run) return count.value_or(0);
  LINNET_CHECK(store::run(log_writer, "DELETE FROM event_blocks WHERE first_event_id < $1", {first_kept}));
  LINNET_CHECK(store::run(log_writer, "DELETE FROM event_rows WHERE id < $1", {first_kept}));
  LINNET_CHECK(store::run(log_writer, "DELETE FROM event_marks WHERE last_event_id < $1", {first_kept}));
  LINNET_CHECK(transaction.commit());
  return count.value_or(0);
}

}  // namespace linnet::observe
