// Ingest against its physical floor: ingest_bench MODE FILE DATABASE BATCH [BYTES]
//
//   floor    SQLite appends each raw line as one blob, in the same batches, with the same sync and otherwise
//   as
//            SQLite comes: pages of 4 KB, the write-ahead log moved into the file after each 1,000 of them
//   tuned    the same with the pages and the checkpoints that Linnet gives its tables
//   bytes    as floor with rows of BYTES bytes: as much as Linnet stores for an event
//   ingest   Linnet: the log on disk and every table
//
// The clock stops when everything is in the database files, their write-ahead logs moved into them. Prints
// one JSON object. script/bench runs it in turns and reports ratios.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <string>

#include "base/log.hpp"
#include "connect/archive/line_reader.hpp"
#include "observe/import_events.hpp"
#include "store/bulk.hpp"
#include "store/migrations.hpp"

namespace {

using namespace linnet;

struct Measured {
  std::uint64_t events = 0;
  double seconds = 0;
};

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

const store::BulkInsert kAppend{"lines", {{"line", store::ColumnType::blob}}};

Result<Measured> append_lines(store::Database& database, const std::string& file, std::size_t batch,
                              std::size_t bytes, bool tuned) {
  const auto part = tuned ? store::Part::tables : store::Part::log;
  LINNET_TRY(auto connection, database.connect(part));
  // Takes the place of Linnet's own checkpoints.
  if (!tuned) LINNET_CHECK(connection->execute("PRAGMA wal_autocheckpoint = 1000"));
  LINNET_CHECK(connection->execute("CREATE TABLE lines (id INTEGER PRIMARY KEY, line BLOB NOT NULL)"));
  LINNET_TRY(auto reader, connect::LineReader::open(file));
  const auto start = std::chrono::steady_clock::now();
  Measured measured;
  connect::Line line;
  bool more = true;
  while (more) {
    LINNET_TRY(auto transaction, store::Transaction::begin(*connection));
    for (std::size_t i = 0; i < batch; ++i) {
      LINNET_TRY(more, reader.next(line));
      if (!more) break;
      store::RowBatch row(1);
      row.add_row(store::Blob{bytes == 0 ? line.text : line.text.substr(0, bytes)});
      LINNET_CHECK(connection->insert_many(kAppend, row));
      ++measured.events;
    }
    LINNET_CHECK(transaction.commit());
  }
  connection.reset();
  LINNET_CHECK(database.checkpoint(part));
  measured.seconds = since(start);
  return measured;
}

Result<Measured> ingest_lines(store::Database& database, const std::string& file, std::size_t batch) {
  LINNET_TRY(const auto migrated, store::migrate(database));
  (void)migrated;
  SystemClock clock;
  LINNET_TRY(auto writer, store::Writer::start(database));
  LINNET_TRY(const auto instance,
             observe::find_or_add_instance(*writer, "https://social.example", "mastodon", clock.now()));
  observe::IngestOptions options;
  options.batch_events = batch;
  options.queue_events = std::max<std::size_t>(batch * 2, 1'000);
  options.linger = batch == 1 ? Duration{0} : Duration{200'000};
  LINNET_TRY(auto ingest, observe::Ingest::start(database, *writer, clock, options));
  LINNET_TRY(auto reader, connect::LineReader::open(file));
  connect::Line line;
  const auto start = std::chrono::steady_clock::now();
  LINNET_TRY(const auto read, observe::import_lines(
                                  *ingest, instance,
                                  [&](std::string& next) -> Result<bool> {
                                    LINNET_TRY(const bool has_line, reader.next(line));
                                    next.assign(line.text);
                                    return has_line;
                                  },
                                  std::min<std::size_t>(batch, 1'000)));
  LINNET_CHECK(database.checkpoint(store::Part::tables));
  LINNET_CHECK(database.checkpoint(store::Part::log));
  return Measured{read, since(start)};
}

Status run(const std::string& mode, const std::string& file, const std::string& location, std::size_t batch,
           std::size_t bytes) {
  LINNET_TRY(auto database, store::open_database(location));
  Measured measured;
  if (mode == "ingest") {
    LINNET_TRY(measured, ingest_lines(*database, file, batch));
  } else {
    LINNET_TRY(measured, append_lines(*database, file, batch, mode == "bytes" ? bytes : 0, mode == "tuned"));
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  LINNET_TRY(const auto sizes, database->sizes());
  fmt::print(
      R"({{"mode":"{}","events":{},"seconds":{:.3f},"per_second":{:.0f},"tables":{},"log":{},"resident_kb":{}}})"
      "\n",
      mode, measured.events, measured.seconds, static_cast<double>(measured.events) / measured.seconds,
      sizes[0].bytes, sizes[1].bytes, usage.ru_maxrss);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr, "usage: ingest_bench floor|tuned|bytes|ingest FILE DATABASE BATCH [BYTES]\n");
    return 2;
  }
  const auto status = run(argv[1], argv[2], argv[3], std::stoul(argv[4]), argc > 5 ? std::stoul(argv[5]) : 0);
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().message);
  return 1;
}
