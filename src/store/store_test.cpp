// What both engines must do alike.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <limits>

#include "kit/test_database.hpp"
#include "store/bulk.hpp"
#include "store/postgres/postgres_database.hpp"
#include "store/sqlite/sqlite_connection.hpp"
#include "store/writer.hpp"

namespace linnet::store {
namespace {

class StoreTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    auto connection = (*database_)->connect(Part::tables);
    ASSERT_TRUE(connection) << connection.error().message;
    connection_ = std::move(connection).value();
    ASSERT_TRUE(connection_->execute("DROP TABLE IF EXISTS things"));
    ASSERT_TRUE(connection_->execute(
        "CREATE TABLE things (id BIGINT PRIMARY KEY, word TEXT, score DOUBLE PRECISION)"));
  }

  std::int64_t count(const std::string& what) {
    auto result = query_integer(*connection_, "SELECT count(*) FROM " + what);
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->value_or(-1) : -1;
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<Connection> connection_;
};

INSTANTIATE_TEST_SUITE_P(Engines, StoreTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

const BulkInsert kInsert{
    "things",
    {{"id", ColumnType::integer}, {"word", ColumnType::text}, {"score", ColumnType::real}},
    "ON CONFLICT (id) DO UPDATE SET word = excluded.word"};
const BulkUpdate kUpdate{"things", {{"id", ColumnType::integer}}, {{"score", ColumnType::real}}};
const BulkDelete kDelete{"things", {{"id", ColumnType::integer}}};
const BulkLookup kLookup{"things", {{"word", ColumnType::text}}, "id, score"};

// Ingest waits for what passes, and keeps as unreadable, or ends for, what does not.
TEST_P(StoreTest, AServerThatOnlyReadsForNowIsWaitedFor) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "it has no server";
  ASSERT_TRUE(connection_->execute("SET default_transaction_read_only = on"));
  EXPECT_EQ(run(*connection_, "INSERT INTO things (id) VALUES (1)").error().kind, ErrorKind::unavailable);
  for (const std::string_view state : {"58030", "53100", "57P01", "40P01", "55P03"}) {
    const auto said = connection_->execute(
        fmt::format("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{}'; END $$", state));
    EXPECT_EQ(said.error().kind, ErrorKind::unavailable) << state;
  }
  EXPECT_EQ(connection_->execute("SELECT nonsense").error().kind, ErrorKind::internal);
}

// What a work says of itself is no trouble of the server: nothing is run again, and the others are kept.
TEST_P(StoreTest, AWorkThatIsUnavailableByItselfUndoesOnlyItself) {
  auto writer = Writer::start(**database_).value();
  std::promise<void> all_are_there;
  auto first = writer->submit([there = all_are_there.get_future().share()](Connection&) -> Status {
    there.wait();
    return {};
  });
  std::atomic<int> runs{0};
  const auto insert = [&](std::int64_t id, bool fails) {
    return writer->submit([&runs, id, fails](Connection& connection) -> Status {
      ++runs;
      LINNET_CHECK(run(connection, "INSERT INTO things (id) VALUES ($1)", {id}));
      return fails ? Status(unavailable("a file is not there")) : Status();
    });
  };
  auto before = insert(1, false);
  auto failing = insert(2, true);
  auto after = insert(3, false);
  all_are_there.set_value();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(before.get());
  EXPECT_EQ(failing.get().error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(after.get());
  EXPECT_EQ(runs, 3);
  writer.reset();
  EXPECT_EQ(count("things"), 2);
}

// The files and sockets that connections hold, but for SQLite's database files: those it keeps for later.
int held_by_connections() {
  int held = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
    held += target.ends_with("-wal") || target.starts_with("socket:");
  }
  return held;
}

TEST_P(StoreTest, ReadersBeyondThePoolAreClosedAfterwards) {
  const auto read_at_once = [&](int count) {
    std::vector<Reader> readers;
    const ReadsWithoutWaiting on;
    for (int i = 0; i < count; ++i) {
      readers.push_back(std::move((*database_)->reader()).value());
      ASSERT_TRUE(query_integer(*readers.back(), "SELECT count(*) FROM posts"));
    }
  };
  const auto pool = OpenOptions().reader_connections;
  read_at_once(pool);
  const auto held = held_by_connections();
  read_at_once(pool + 5);
  EXPECT_EQ(held_by_connections(), held);
  read_at_once(pool);
  EXPECT_EQ(held_by_connections(), held) << "those of the pool are used again";
}

TEST_P(StoreTest, EachPartHasItsShareOfTheCache) {
  if (GetParam() == Engine::postgres) GTEST_SKIP() << "the server has one";
  const auto kilobytes = [&](Part part) {
    const auto connection = (*database_)->connect(part).value();
    return -query_integer(*connection, "PRAGMA cache_size").value().value();
  };
  const auto whole = OpenOptions().cache_bytes / 1024;
  EXPECT_EQ(kilobytes(Part::tables), whole);
  EXPECT_EQ(kilobytes(Part::search), whole / 2);
  EXPECT_EQ(kilobytes(Part::log), whole / 8);
}

TEST_P(StoreTest, ParametersAreFoundByTheirNumber) {
  std::int64_t seen = 0;
  const auto status =
      for_each_row(*connection_, "SELECT CAST($2 AS BIGINT) - CAST($1 AS BIGINT)",
                   {std::int64_t{1}, std::int64_t{10}}, [&](const Statement& row) { seen = row.integer(0); });
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(seen, 9);
}

TEST_P(StoreTest, ValuesComeBackAsTheyWere) {
  const auto least = std::numeric_limits<std::int64_t>::min();
  const auto most = std::numeric_limits<std::int64_t>::max();
  ASSERT_TRUE(run(*connection_, "INSERT INTO things (id, word, score) VALUES ($1, $2, $3)",
                  {least, std::string_view(""), 0.1}));
  ASSERT_TRUE(run(*connection_, "INSERT INTO things (id, word, score) VALUES ($1, $2, $3)",
                  {most, Value(), Value()}));
  const auto status = for_each_row(*connection_, "SELECT id, word, score FROM things ORDER BY id", {},
                                   [&](const Statement& row) {
                                     if (row.integer(0) == least) {
                                       EXPECT_FALSE(row.is_null(1));
                                       EXPECT_EQ(row.text(1), "");
                                       EXPECT_DOUBLE_EQ(row.real(2), 0.1);
                                     } else {
                                       EXPECT_EQ(row.integer(0), most);
                                       EXPECT_TRUE(row.is_null(1));
                                       EXPECT_TRUE(row.is_null(2));
                                     }
                                   });
  ASSERT_TRUE(status) << status.error().message;
}

TEST_P(StoreTest, ManyRowsAreInsertedUpdatedFoundAndDeleted) {
  auto transaction = Transaction::begin(*connection_);
  ASSERT_TRUE(transaction);
  RowBatch rows(3);
  for (std::int64_t i = 0; i < 10'000; ++i)
    rows.add_row(i, std::string_view(i % 2 == 0 ? "even" : "odd"), Value());
  ASSERT_TRUE(connection_->insert_many(kInsert, rows));
  ASSERT_TRUE(connection_->insert_many(kInsert, rows)) << "a conflict updates";
  EXPECT_EQ(count("things"), 10'000);
  RowBatch scores(2);
  for (std::int64_t i = 0; i < 10; ++i) scores.add_row(i, 0.5);
  ASSERT_TRUE(connection_->update_many(kUpdate, scores));
  RowBatch keys(1);
  keys.add_row(std::string_view("nothing"));
  keys.add_row(std::string_view("even"));
  std::int64_t found = 0;
  std::int64_t scored = 0;
  ASSERT_TRUE(connection_->lookup_many(kLookup, keys, [&](std::size_t key, const Statement& row) {
    EXPECT_EQ(key, 1U);
    EXPECT_EQ(row.integer(0) % 2, 0);
    ++found;
    scored += row.is_null(1) ? 0 : 1;
  }));
  EXPECT_EQ(found, 5'000);
  EXPECT_EQ(scored, 5);
  RowBatch gone(1);
  for (std::int64_t i = 0; i < 9'000; ++i) gone.add_row(i);
  ASSERT_TRUE(connection_->delete_many(kDelete, gone));
  EXPECT_EQ(count("things"), 1'000);
}

// Searches have as many shapes as people think of.
TEST_P(StoreTest, StatementsDoNotGrowWithTheShapesOfQueries) {
  const auto shape = [](int words) {
    std::string sql = "SELECT count(*) FROM things WHERE id IN (1";
    for (int i = 0; i < words; ++i) sql += ", " + std::to_string(i);
    return sql + ")";
  };
  const auto prepared = [&]() -> std::int64_t {
    if (auto* const sqlite = dynamic_cast<SqliteConnection*>(connection_.get())) {
      std::int64_t statements = 0;
      sqlite3_stmt* statement = nullptr;
      while ((statement = sqlite3_next_stmt(sqlite->handle(), statement)) != nullptr) ++statements;
      return statements;
    }
    return count("pg_prepared_statements");
  };
  const auto insert = [&](std::int64_t id) {
    RowBatch rows(3);
    rows.add_row(id, std::string_view("word"), 0.5);
    return connection_->insert_many(kInsert, rows);
  };
  ASSERT_TRUE(insert(1));
  ASSERT_TRUE(insert(2));
  // One whose rows are being read all the while stays.
  std::vector<std::int64_t> seen;
  const auto status =
      for_each_row(*connection_, "SELECT id FROM things ORDER BY id", {}, [&](const Statement& row) {
        for (int i = 0; i < 400; ++i) {
          const auto found = query_integer(*connection_, shape(i + static_cast<int>(seen.size()) * 400));
          ASSERT_TRUE(found) << found.error().message;
        }
        seen.push_back(row.integer(0));
      });
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2}));
  EXPECT_LT(prepared(), 260);
  EXPECT_GT(prepared(), 200) << "those that come again are kept";
  ASSERT_TRUE(insert(3)) << "what was given up is made again, and what is for many rows stays";
  EXPECT_EQ(count("things"), 3);
  EXPECT_EQ(query_integer(*connection_, shape(3)).value(), 2);
}

TEST_P(StoreTest, WhatIsNotCommittedIsUndone) {
  {
    auto transaction = Transaction::begin(*connection_);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(run(*connection_, "INSERT INTO things (id) VALUES (1)"));
  }
  EXPECT_EQ(count("things"), 0);
}

TEST_P(StoreTest, AReaderSeesOneStateWhileOthersWrite) {
  auto reader = (*database_)->reader();
  ASSERT_TRUE(reader) << reader.error().message;
  auto transaction = Transaction::begin(**reader, Transaction::Mode::read);
  ASSERT_TRUE(transaction);
  ASSERT_EQ(query_integer(**reader, "SELECT count(*) FROM things")->value_or(-1), 0);
  ASSERT_TRUE(run(*connection_, "INSERT INTO things (id) VALUES (1)"));
  EXPECT_EQ(query_integer(**reader, "SELECT count(*) FROM things")->value_or(-1), 0);
}

TEST_P(StoreTest, AReaderCannotWrite) {
  auto reader = (*database_)->reader();
  ASSERT_TRUE(reader);
  EXPECT_FALSE(run(**reader, "INSERT INTO things (id) VALUES (1)"));
}

TEST_P(StoreTest, AFailingWorkUndoesOnlyItself) {
  auto writer = Writer::start(**database_);
  ASSERT_TRUE(writer) << writer.error().message;
  auto good = (*writer)->submit([](Connection& c) { return run(c, "INSERT INTO things (id) VALUES (1)"); });
  auto bad = (*writer)->submit([](Connection& c) -> Status {
    LINNET_CHECK(run(c, "INSERT INTO things (id) VALUES (2)"));
    return invalid("on purpose");
  });
  auto clash = (*writer)->submit([](Connection& c) { return run(c, "INSERT INTO things (id) VALUES (1)"); });
  auto last = (*writer)->submit([](Connection& c) { return run(c, "INSERT INTO things (id) VALUES (3)"); });
  EXPECT_TRUE(good.get());
  EXPECT_FALSE(bad.get());
  EXPECT_EQ(clash.get().error().kind, ErrorKind::conflict);
  EXPECT_TRUE(last.get());
  EXPECT_EQ(count("things"), 2);
}

TEST_P(StoreTest, WhoeverAsksSeesNeitherPathNorSql) {
  ASSERT_TRUE(run(*connection_, "INSERT INTO things (id) VALUES (1)"));
  for (const std::string sql :
       {"INSERT INTO things (id) VALUES (1)", "SELECT nonsense FROM nowhere", "SELEKT 1"}) {
    const auto refused = run(*connection_, sql);
    ASSERT_FALSE(refused) << sql;
    const auto& error = refused.error();
    EXPECT_NE(error.message, error.safe) << "the log has it all";
    for (const char* inner : {"things", "nonsense", "SELE", "INSERT", "/", ".db", "key", "constraint", "(1)"})
      EXPECT_EQ(error.safe.find(inner), std::string::npos) << error.safe;
  }
}

TEST_P(StoreTest, ViewsShowTimesInIso8601) {
  for (const auto* const text :
       {"0001-01-01T00:00:00.000001Z", "1969-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.500000Z"}) {
    ASSERT_TRUE(run(*connection_, "DELETE FROM instances"));
    ASSERT_TRUE(run(*connection_,
                    "INSERT INTO instances (base_url, created_at) VALUES ('https://x.example', $1)",
                    {to_micros(*parse_iso8601(text))}));
    EXPECT_EQ(query_text(*connection_, "SELECT created_at FROM instances_iso")->value_or(""), text);
  }
}

TEST(SqliteTest, AFileThatIsNoDatabaseIsCalledDamaged) {
  auto folder = (std::filesystem::temp_directory_path() / "linnet-test-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  auto* const file = fopen((folder + "/linnet.db").c_str(), "w");
  fputs(std::string(8'192, 'x').c_str(), file);
  fclose(file);
  const auto opened = open_database("sqlite:" + folder + "/linnet.db");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
  std::filesystem::remove_all(folder);
}

TEST(LocationTest, PasswordsAreNotShown) {
  EXPECT_EQ(address_without_password("postgresql://ada:se@cret@host:5432/linnet"),
            "postgresql://ada@host:5432/linnet");
  EXPECT_EQ(address_without_password("postgresql://host/linnet?user=ada&password=secret&sslmode=require"),
            "postgresql://host/linnet?user=ada&password=***&sslmode=require");
  EXPECT_EQ(address_without_password("postgres://host/linnet?password=secret"),
            "postgres://host/linnet?password=***");
  EXPECT_EQ(address_without_password("postgresql://ada@/linnet?host=/run/a:b"),
            "postgresql://ada@/linnet?host=/run/a:b");
}

TEST(LocationTest, AnUnknownSchemeIsAClearError) {
  const auto opened = open_database("mysql://x");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().safe.find("sqlite:PATH"), std::string::npos);
}

}  // namespace
}  // namespace linnet::store
