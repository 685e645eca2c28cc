// What only files can suffer: full disks, killed processes, locks of others.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "kit/test_database.hpp"
#include "store/bulk.hpp"
#include "store/migrations.hpp"
#include "store/writer.hpp"

namespace linnet::store {
namespace {

class SqliteFiles : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = (std::filesystem::temp_directory_path() / "linnet-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string location(const std::string& name = "linnet.db") const {
    return "sqlite:" + folder_ + "/" + name;
  }

  std::string folder_;
};

constexpr auto kCreate = "CREATE TABLE IF NOT EXISTS things (id BIGINT PRIMARY KEY, word TEXT)";

std::int64_t count_of(const std::string& location) {
  auto database = open_database(location);
  if (!database) return -1;
  auto connection = (*database)->connect(Part::tables);
  if (!connection) return -1;
  if (query_text(**connection, "PRAGMA integrity_check")->value_or("") != "ok") return -2;
  return query_integer(**connection, "SELECT count(*) FROM things")->value_or(-1);
}

// In a process of its own: commits row after row, telling each by one byte.
[[noreturn]] void write_rows_forever(const std::string& location, int told) {
  auto database = open_database(location);
  if (!database) _exit(2);
  auto writer = Writer::start(**database);
  if (!writer) _exit(3);
  if (!(*writer)->write([](Connection& c) { return c.execute(kCreate); })) _exit(4);
  for (std::int64_t id = 0;; ++id) {
    if (!(*writer)->write([&](Connection& c) { return run(c, "INSERT INTO things (id) VALUES ($1)", {id}); }))
      _exit(5);
    if (write(told, "x", 1) != 1) _exit(6);
  }
}

TEST_F(SqliteFiles, WhatWasCommittedOutlivesAKilledProcess) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) write_rows_forever(location(), ends[1]);
  close(ends[1]);
  std::int64_t told = 0;
  char byte = 0;
  while (told < 50 && read(ends[0], &byte, 1) == 1) ++told;
  kill(child, SIGKILL);
  while (read(ends[0], &byte, 1) == 1) ++told;
  int status = 0;
  waitpid(child, &status, 0);
  close(ends[0]);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
  const auto kept = count_of(location());
  EXPECT_GE(kept, told);
  EXPECT_LE(kept, told + 1);
}

// On a disk of 8 MB that only this process sees, writes until it fails; 0 when the failure is told as a full
// disk and everything that was committed is there afterwards, 77 when it may not mount.
int fill_until_full(const std::string& folder) {
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("none", folder.c_str(), "tmpfs", 0, "size=8m") != 0) {
    return 77;
  }
  // What is removed afterwards must leave room for the write-ahead log to be moved into the file.
  const auto ballast = folder + "/ballast";
  std::ofstream(ballast) << std::string(5 << 20, 'x');
  const auto location = "sqlite:" + folder + "/linnet.db";
  std::int64_t committed = 0;
  {
    auto database = open_database(location);
    if (!database) return 2;
    auto writer = Writer::start(**database);
    if (!writer) return 3;
    if (!(*writer)->write([](Connection& c) { return c.execute(kCreate); })) return 4;
    const std::string word(100'000, 'x');
    Status wrote;
    while (wrote && committed < 100) {
      wrote = (*writer)->write([&](Connection& c) {
        return run(c, "INSERT INTO things (id, word) VALUES ($1, $2)", {committed, std::string_view(word)});
      });
      if (wrote) ++committed;
    }
    if (wrote) return 5;
    if (wrote.error().kind != ErrorKind::unavailable) return 6;
    if (wrote.error().safe.find("disk is full") == std::string::npos) return 7;
  }
  std::filesystem::remove(ballast);
  return committed > 0 && count_of(location) == committed ? 0 : 8;
}

TEST_F(SqliteFiles, AFullDiskIsCalledSoAndHarmsNothing) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(fill_until_full(folder_));
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "may not mount a small disk: run as root";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(SqliteFiles, ALockOfAnotherIsToldAfterAWhile) {
  auto database = open_database(location());
  ASSERT_TRUE(database);
  auto one = (*database)->connect(Part::tables);
  auto other = (*database)->connect(Part::tables);
  ASSERT_TRUE(one && other);
  auto holding = Transaction::begin(**one);
  ASSERT_TRUE(holding);
  const auto refused = Transaction::begin(**other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_NE(refused.error().safe.find("locked by another process"), std::string::npos);
}

TEST_F(SqliteFiles, ABackupMadeWhileWritingIsWhole) {
  auto database = open_database(location());
  ASSERT_TRUE(database);
  auto writer = Writer::start(**database);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->write([](Connection& c) { return c.execute(kCreate); }));
  std::vector<std::future<Status>> later;
  for (std::int64_t id = 0; id < 500; ++id) {
    later.push_back((*writer)->submit(
        [id](Connection& c) { return run(c, "INSERT INTO things (id) VALUES ($1)", {id}); }));
    if (id == 99) {
      ASSERT_TRUE(later.back().get());
    }
  }
  const auto copied = (*database)->backup(folder_ + "/copy.db");
  ASSERT_TRUE(copied) << copied.error().message;
  const auto kept = count_of(location("copy.db"));
  EXPECT_GE(kept, 100);
  EXPECT_LE(kept, 500);
}

TEST_F(SqliteFiles, ABackupTakesThePlaceOfAnOlderOneOnlyWhenItIsWhole) {
  auto database = open_database(location());
  ASSERT_TRUE(database);
  auto connection = (*database)->connect(Part::tables);
  ASSERT_TRUE((*connection)->execute(kCreate));
  const auto copy = folder_ + "/copy.db";
  ASSERT_TRUE((*database)->backup(copy));
  const auto before = std::filesystem::last_write_time(copy);
  std::filesystem::create_directories(folder_ + "/copy.db.search.new");  // where the last part would go
  std::ofstream(folder_ + "/copy.db.search.new/in_the_way") << "x";
  EXPECT_FALSE((*database)->backup(copy));
  EXPECT_EQ(std::filesystem::last_write_time(copy), before);
  EXPECT_EQ(count_of(location("copy.db")), 0);
  std::filesystem::remove_all(folder_ + "/copy.db.search.new");
  ASSERT_TRUE(run(**connection, "INSERT INTO things (id) VALUES (1)"));
  ASSERT_TRUE((*database)->backup(copy));
  EXPECT_EQ(count_of(location("copy.db")), 1);
}

TEST_F(SqliteFiles, ABackupNeverGoesOntoTheDatabaseItself) {
  auto database = open_database(location());
  ASSERT_TRUE(database);
  EXPECT_FALSE((*database)->backup(folder_ + "/./linnet.db"));
  EXPECT_TRUE((*database)->connect(Part::tables));
}

TEST_F(SqliteFiles, FilesAreTheirOwnersAloneWhateverTheUmask) {
  const auto before = umask(0);
  {
    auto database = open_database(location());
    ASSERT_TRUE(database);
    EXPECT_TRUE((*(*database)->connect(Part::tables))->execute(kCreate));
    ASSERT_TRUE((*database)->backup(folder_ + "/copy.db"));
    for (const auto& file : std::filesystem::directory_iterator(folder_))
      EXPECT_EQ(file.status().permissions() & std::filesystem::perms(077), std::filesystem::perms::none)
          << file.path();
  }
  umask(before);
}

TEST_F(SqliteFiles, AFileThatWasOpenToOthersIsClosedToThem) {
  ASSERT_TRUE(open_database(location()));
  const auto file = folder_ + "/linnet.db";
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  ASSERT_TRUE(open_database(location()));
  EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0600));
}

TEST_F(SqliteFiles, ACopyTakesThePlaceOfNothingButAFile) {
  auto database = open_database(location()).value();
  for (const auto* const name : {"/copy.db", "/copy.events.db"}) {
    ASSERT_EQ(::mkfifo((folder_ + name).c_str(), 0600), 0);
    EXPECT_EQ(database->backup(folder_ + "/copy.db").error().kind, ErrorKind::invalid) << name;
    EXPECT_TRUE(std::filesystem::is_fifo(folder_ + name));
    std::filesystem::remove(folder_ + name);
  }
  EXPECT_TRUE(database->backup(folder_ + "/copy.db"));
}

TEST_F(SqliteFiles, LinksAreNotFollowed) {
  const auto elsewhere = folder_ + "/elsewhere.db";
  std::filesystem::create_symlink(elsewhere, folder_ + "/linnet.db");
  EXPECT_FALSE(open_database(location()));
  EXPECT_FALSE(std::filesystem::exists(elsewhere));
}

// Run in a process that may write nothing: 0 when the rows are read and writing is refused in words.
int read_as_stranger(const std::string& location, std::int64_t rows) {
  if (::geteuid() == 0 && (::setegid(65534) != 0 || ::seteuid(65534) != 0)) return 2;
  auto database = open_database(location);
  if (!database || !(*database)->is_read_only()) return 3;
  auto reader = (*database)->reader();
  if (!reader || query_integer(**reader, "SELECT count(*) FROM things")->value_or(-1) != rows) return 4;
  if (query_integer(**reader, "SELECT count(*) FROM log.schema_migrations_log")->value_or(-1) < 1) return 5;
  const auto refused = (*database)->connect(Part::tables);
  if (refused || refused.error().safe.find("may not be written") == std::string::npos) return 6;
  return migrate(**database) ? 0 : 7;
}

int status_of_stranger(const std::string& location, std::int64_t rows) {
  const pid_t child = ::fork();
  if (child == 0) _exit(read_as_stranger(location, rows));
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(SqliteFiles, WhatMayOnlyBeReadIsRead) {
  const auto set_modes = [&](unsigned folder, unsigned file) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      ::chmod(entry.path().c_str(), file);
    ::chmod(folder_.c_str(), folder);
  };
  const auto name = "odd #1?%41.db";
  auto database = open_database(location(name));
  ASSERT_TRUE(database);
  ASSERT_TRUE(migrate(**database));
  {
    auto connection = (*database)->connect(Part::tables);
    ASSERT_TRUE((*connection)->execute(kCreate));
    ASSERT_TRUE((*connection)->execute("INSERT INTO things (id) VALUES (1), (2)"));
    set_modes(0555, 0444);
    EXPECT_EQ(status_of_stranger(location(name), 2), 0)
        << "what another process has open and has just written";
    set_modes(0700, 0600);
  }
  database->reset();
  set_modes(0555, 0444);
  EXPECT_EQ(status_of_stranger(location(name), 2), 0) << "what nobody has open";
  set_modes(0700, 0600);
}

TEST_F(SqliteFiles, AnEmptyFileIsANewDatabase) {
  ASSERT_EQ(fclose(fopen((folder_ + "/linnet.db").c_str(), "w")), 0);
  auto database = open_database(location());
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_TRUE(migrate(**database));
}

}  // namespace
}  // namespace linnet::store
