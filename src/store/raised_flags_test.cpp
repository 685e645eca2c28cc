// Words that get through while somebody holds the writing of the tables.
#include "store/raised_flags.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "kit/test_database.hpp"

namespace linnet::store {
namespace {

class RaisedFlags : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
  }
  std::optional<std::string> raised() {
    auto reader = (*database_)->reader();
    return raised_flag(**reader, "stop").value();
  }
  std::unique_ptr<test::TestDatabase> database_;
};
INSTANTIATE_TEST_SUITE_P(Engines, RaisedFlags, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(RaisedFlags, AreSeenWhileSomebodyWritesForLong) {
  auto writing = (*database_)->connect(Part::tables).value();
  const auto transaction = Transaction::begin(*writing);
  ASSERT_TRUE(run(*writing, "UPDATE govern_marks SET value = value + 1"));
  EXPECT_EQ(raised(), std::nullopt);
  ASSERT_TRUE(raise_flag(**database_, "stop", "at once"));
  EXPECT_EQ(raised(), "at once");
  EXPECT_EQ(raised_flag(*writing, "stop").value(), "at once");
}

TEST_P(RaisedFlags, ArePutDownOnlyByWhoSawThem) {
  ASSERT_TRUE(raise_flag(**database_, "stop", "one"));
  ASSERT_TRUE(raise_flag(**database_, "stop", "two"));
  ASSERT_TRUE(lower_flag(**database_, "stop", "one"));
  EXPECT_EQ(raised(), "one\ntwo") << "nothing that was raised since goes, nor does what came before it";
  database_->reopen();
  EXPECT_EQ(raised(), "one\ntwo") << "also by the next process";
  ASSERT_TRUE(lower_flag(**database_, "stop", "one\ntwo"));
  ASSERT_TRUE(lower_flag(**database_, "stop", "one\ntwo"));
  EXPECT_EQ(raised(), std::nullopt);
}

// As where another user stopped, or where no file can be opened any more.
TEST_P(RaisedFlags, WhatCannotBeReadIsNotTakenForNothing) {
  if (GetParam() == Engine::postgres) GTEST_SKIP() << "a row, which is read or not";
  const auto file = (*database_)->description().substr(std::string_view("sqlite:").size()) + ".stop";
  ASSERT_EQ(::mkdir(file.c_str(), 0700), 0) << "root may read every file, but no folder as one";
  auto reader = (*database_)->reader();
  const auto read = raised_flag(**reader, "stop");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::unavailable);
  ASSERT_EQ(::rmdir(file.c_str()), 0);
  EXPECT_EQ(raised(), std::nullopt);
}

TEST_P(RaisedFlags, AreAllThereWhenManyRaiseThemAtOnce) {
  constexpr std::size_t kMany = 8;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kMany; ++i)
    threads.emplace_back([this] { EXPECT_TRUE(raise_flag(**database_, "stop", "x")); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(raised()->size(), 2 * kMany - 1);
}

// The files need not be readable, nor databases at all.
TEST_P(RaisedFlags, AreRaisedByWhoKnowsOnlyThePlace) {
  EXPECT_EQ(raise_flag_at("sqlite:/nowhere/at-all/linnet.db", "stop", "x").error().kind,
            ErrorKind::unavailable);
  ASSERT_TRUE(raise_flag_at(database_->location(), "stop", "at once"));
  EXPECT_EQ(raised(), "at once");
}

TEST_P(RaisedFlags, AreRaisedByANameWithoutItsFolderToo) {
  if (GetParam() == Engine::postgres) GTEST_SKIP() << "files alone are named so";
  std::string folder = testing::TempDir() + "linnet-flags-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  // The database need not be there.
  const auto raised = raise_flag_at("sqlite:linnet.db", "stop", "at once");
  std::filesystem::current_path(before);
  EXPECT_TRUE(raised) << raised.error().safe;
  EXPECT_TRUE(std::filesystem::exists(folder + "/linnet.db.stop"));
  std::filesystem::remove_all(folder);
}

// With sudo, for one: whoever owns the database has to read it.
TEST_P(RaisedFlags, AreTheirsWhoseDatabaseItIs) {
  if (GetParam() == Engine::postgres) GTEST_SKIP() << "a row, which is read or not";
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  const auto file = (*database_)->description().substr(std::string_view("sqlite:").size());
  ASSERT_EQ(::chown(file.c_str(), 4321, 4322), 0);
  ASSERT_TRUE(raise_flag(**database_, "stop", "at once"));
  ASSERT_TRUE(raise_flag_at(database_->location(), "stop", "again"));
  struct stat found {};
  ASSERT_EQ(::stat((file + ".stop").c_str(), &found), 0);
  EXPECT_EQ(found.st_uid, 4321U);
  EXPECT_EQ(found.st_gid, 4322U);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  ASSERT_EQ(::chown(file.c_str(), 0, 0), 0);
}

TEST_P(RaisedFlags, AreRaisedWithoutAWordAsWell) {
  ASSERT_TRUE(raise_flag(**database_, "stop", ""));
  EXPECT_EQ(raised(), "");
  ASSERT_TRUE(lower_flag(**database_, "stop", ""));
  EXPECT_EQ(raised(), std::nullopt);
}

}  // namespace
}  // namespace linnet::store
