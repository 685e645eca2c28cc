#include "store/database_hold.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <thread>

#include "kit/test_database.hpp"
#include "store/migrations.hpp"
#include "store/postgres/give_up.hpp"
#include "store/postgres/postgres_connection.hpp"
#include "store/writer.hpp"

namespace linnet::store {
namespace {

// Sleeps until it is let go on.
class HeldClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return SystemClock().now(); }
  bool sleep_until(Instant, const std::stop_token& stop) override {
    while (is_held && !stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return !stop.stop_requested();
  }
  std::atomic<bool> is_held{true};
};

class DatabaseHoldTest : public testing::Test {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(Engine::postgres);
    database_ = std::make_unique<test::TestDatabase>(Engine::postgres);
    other_ = std::move(open_database(database_->location())).value();
  }
  Result<std::unique_ptr<DatabaseHold>> take(Database& database) {
    return DatabaseHold::take(database, clock_, [this](const Error& why) {
      words_ = why.safe;
      is_lost_ = true;
    });
  }
  Result<std::unique_ptr<DatabaseHold>> join(Database& database,
                                             Duration patience = std::chrono::milliseconds(50)) {
    return DatabaseHold::join(
        database, clock_, [this](const Error&) { is_lost_ = true; },
        [&] {
          ++brought_up_to_date_;
          const auto migrated = migrate(database);
          return migrated ? Status() : Status(migrated.error());
        },
        patience);
  }
  // As when the server is started anew.
  void cut() {
    const auto connection = (*database_)->connect(Part::tables).value();
    ASSERT_TRUE(
        for_each_row(*connection,
                     "SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND "
                     "l.granted AND l.objid::bigint = (hashtext(current_schema())::bigint & 4294967295)",
                     {}, [](const Statement&) {}));
  }
  static bool comes_true(const std::function<bool()>& condition, int milliseconds = 10'000) {
    for (int i = 0; i < milliseconds; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  HeldClock clock_;
  std::atomic<bool> is_lost_{false};
  std::atomic<int> brought_up_to_date_{0};
  std::string words_;
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<Database> other_;
};

TEST_F(DatabaseHoldTest, ASecondIsRefusedWithTheNameOfTheFirstUntilThatEnds) {
  auto first = take(**database_);
  ASSERT_TRUE(first) << first.error().message;
  const auto second = take(*other_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
  EXPECT_NE(second.error().safe.find("process " + std::to_string(getpid())), std::string::npos)
      << second.error().safe;
  first.value().reset();
  EXPECT_TRUE(comes_true([&] { return take(*other_).ok(); }));
}

TEST_F(DatabaseHoldTest, OneWhoseConnectionIsCutTakesItAgain) {
  const auto first = take(**database_).value();
  cut();
  clock_.is_held = false;
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_TRUE(comes_true([&] { return !take(*other_).ok(); }));
  EXPECT_FALSE(is_lost_);
}

TEST_F(DatabaseHoldTest, OneWhoComesLateAfterACutIsTold) {
  const auto first = take(**database_).value();
  cut();
  std::unique_ptr<DatabaseHold> second;
  ASSERT_TRUE(comes_true([&] {
    auto taken = take(*other_);
    if (taken) second = std::move(taken).value();
    return second != nullptr;
  }));
  clock_.is_held = false;
  EXPECT_TRUE(comes_true([&] { return is_lost_.load(); }));
  EXPECT_NE(words_.find("runs already"), std::string::npos) << words_;
}

TEST_F(DatabaseHoldTest, SeveralJoinAndKeepOutWhoeverMustBeAlone) {
  auto first = join(**database_);
  ASSERT_TRUE(first) << first.error().message;
  auto second = join(*other_);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(brought_up_to_date_, 0);
  const auto alone = take(**database_);
  ASSERT_FALSE(alone);
  EXPECT_NE(alone.error().safe.find("linnet serve, process"), std::string::npos) << alone.error().safe;
  first.value().reset();
  EXPECT_FALSE(comes_true([&] { return take(**database_).ok(); }, 300));
  second.value().reset();
  std::unique_ptr<DatabaseHold> held;
  ASSERT_TRUE(comes_true([&] {
    auto taken = take(**database_);
    if (taken) held = std::move(taken).value();
    return held != nullptr;
  }));
  EXPECT_EQ(join(*other_).error().kind, ErrorKind::conflict);
  held.reset();
  EXPECT_TRUE(join(*other_, std::chrono::seconds(10)));
}

TEST_F(DatabaseHoldTest, NothingIsMigratedUnderOthers) {
  const auto first = join(**database_);
  ASSERT_TRUE(first);
  ASSERT_TRUE(rollback(*other_, Part::search));
  const auto second = join(*other_);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().safe.find("older form"), std::string::npos) << second.error().safe;
  EXPECT_EQ(brought_up_to_date_, 0);
}

// While it waits for one who is alone there, that one takes the schema back to an older form.
TEST_F(DatabaseHoldTest, OneWhoWaitedToJoinChangesTheSchemaAlone) {
  auto alone = take(**database_);
  ASSERT_TRUE(alone) << alone.error().message;
  const auto asking = (*database_)->connect(Part::tables).value();
  std::atomic<bool> is_begun{false};
  std::optional<std::int64_t> shared;
  Result<std::unique_ptr<DatabaseHold>> joined = Error::of(ErrorKind::unavailable, "not yet");
  std::jthread waiting([&] {
    is_begun = true;
    joined = DatabaseHold::join(
        *other_, clock_, [](const Error&) {},
        [&] {
          shared = query_integer(*asking,
                                 "SELECT CASE WHEN pg_try_advisory_lock_shared(1936028278, "
                                 "hashtext(current_schema())) THEN 1 ELSE 0 END")
                       .value();
          const auto migrated = migrate(*other_);
          return migrated ? Status() : Status(migrated.error());
        },
        std::chrono::seconds(20));
  });
  ASSERT_TRUE(comes_true([&] { return is_begun.load(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // it was refused by then
  ASSERT_TRUE(rollback(**database_, Part::search));
  alone.value().reset();
  waiting.join();
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(shared, 0) << "nobody else could join meanwhile";
  EXPECT_TRUE(join(**database_)) << "and afterwards they may";
}

TEST_F(DatabaseHoldTest, OfSeveralThatStartOnANewDatabaseOneBringsItUpToDate) {
  for (const auto part : {Part::tables, Part::log, Part::search}) {
    while (rollback(**database_, part).value() > 0) {
    }
  }
  std::vector<std::jthread> starting;
  std::atomic<int> joined{0};
  std::array<std::unique_ptr<Database>, 4> databases;
  std::array<std::unique_ptr<DatabaseHold>, 4> holds;
  for (std::size_t i = 0; i < holds.size(); ++i) {
    databases[i] = std::move(open_database(database_->location())).value();
    starting.emplace_back([&, i] {
      auto hold = join(*databases[i], std::chrono::seconds(60));
      ASSERT_TRUE(hold) << hold.error().message;
      holds[i] = std::move(hold).value();
      ++joined;
    });
  }
  starting.clear();
  EXPECT_EQ(joined, 4);
  EXPECT_EQ(brought_up_to_date_, 1);
}

TEST(GiveUpTest, ASocketWhoseOtherSideIsSilentBreaksAfterAWhile) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(socket, 0);
  give_up_after(socket, std::chrono::seconds(10));
  unsigned most = 0;
  socklen_t size = sizeof most;
  EXPECT_EQ(::getsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &most, &size), 0);
  EXPECT_EQ(most, 10'000U);
  ::close(socket);
}

// As a machine that takes connections and does nothing: the signs of life are not to wait for it.
TEST(GiveUpTest, AServerThatSaysNothingIsNotWaitedForLong) {
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(silent, 0);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof place;
  ASSERT_EQ(::bind(silent, reinterpret_cast<const sockaddr*>(&place), size), 0);
  ASSERT_EQ(::listen(silent, 8), 0);
  ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&place), &size), 0);
  const auto address = "postgresql://ada@127.0.0.1:" + std::to_string(ntohs(place.sin_port)) +
                       "/linnet?sslmode=disable&gssencmode=disable";
  const auto before = std::chrono::steady_clock::now();
  const auto opened = PostgresConnection::open(address, false, PostgresConnection::Patience::brief);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(15));
  ::close(silent);
}

class WritersTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { LINNET_SKIP_WITHOUT(GetParam()); }
};

// Each takes the rows in the other's order; in a ring one of them would be undone and run again.
TEST_P(WritersTest, WritersOfTwoProcessesNeverWaitForEachOtherInARing) {
  test::TestDatabase database(GetParam());
  const auto other = std::move(open_database(database.location())).value();
  const auto mine = Writer::start(*database).value();
  const auto theirs = Writer::start(*other).value();
  ASSERT_TRUE(mine->write([](Connection& connection) {
    return connection.execute(
        "CREATE TABLE pairs (id BIGINT PRIMARY KEY, n BIGINT); INSERT INTO pairs VALUES (1, 0), (2, 0)");
  }));
  std::atomic<int> runs{0};
  const auto both = [&](std::int64_t first, std::int64_t second) {
    return [&runs, first, second](Connection& connection) -> Status {
      ++runs;
      for (const auto id : {first, second}) {
        LINNET_CHECK(run(connection, "UPDATE pairs SET n = n + 1 WHERE id = $1", {id}));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      return {};
    };
  };
  auto one = mine->submit(both(1, 2));
  auto two = theirs->submit(both(2, 1));
  EXPECT_TRUE(one.get());
  EXPECT_TRUE(two.get());
  EXPECT_EQ(runs, 2);
}

// As a process that is stopped, or whose machine stands still, in the middle of its work.
TEST_P(WritersTest, OneThatStandsStillHoldsUpTheOthersForSecondsOnly) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "a file's lock ends with its process";
  test::TestDatabase database(GetParam());
  const auto other = std::move(open_database(database.location())).value();
  const auto stopped = Writer::start(*database).value();
  const auto working = Writer::start(*other).value();
  ASSERT_TRUE(working->write([](Connection& connection) {
    return connection.execute("CREATE TABLE words (id BIGINT PRIMARY KEY)");
  }));
  const auto add = [](std::int64_t id) {
    return [id](Connection& connection) { return run(connection, "INSERT INTO words VALUES ($1)", {id}); };
  };
  std::promise<void> is_within;
  std::promise<void> may_go_on;
  auto stands_still = stopped->submit([&](Connection& connection) -> Status {
    LINNET_CHECK(run(connection, "INSERT INTO words VALUES (1)"));
    is_within.set_value();
    may_go_on.get_future().wait();
    return run(connection, "INSERT INTO words VALUES (2)");
  });
  is_within.get_future().wait();
  auto waiting = working->submit(add(3));
  const bool is_let_in = waiting.wait_for(std::chrono::seconds(15)) == std::future_status::ready;
  may_go_on.set_value();
  EXPECT_TRUE(is_let_in);
  EXPECT_TRUE(waiting.get());
  const auto undone = stands_still.get();
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().kind, ErrorKind::unavailable) << undone.error().message;
  EXPECT_TRUE(stopped->write(add(1))) << "it connects anew, and nothing of the lost work is there";
  EXPECT_EQ(query_integer(**other->reader(), "SELECT sum(id)::bigint FROM words").value(), 4);
  ASSERT_TRUE(stopped->write([](Connection& connection) -> Status {
    LINNET_TRY(const auto most, query_text(connection, "SHOW idle_in_transaction_session_timeout"));
    EXPECT_EQ(most, "5s") << "also on the new connection";
    return {};
  }));
}

INSTANTIATE_TEST_SUITE_P(Engines, WritersTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::store
