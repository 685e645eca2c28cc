#include "store/notices.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/guarded.hpp"
#include "kit/test_database.hpp"

namespace linnet::store {
namespace {

class NoticesTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    listener_ =
        std::move(NoticeListener::start(**database_, "words",
                                        {.on_notice =
                                             [this](std::string_view text) {
                                               heard_.with([&](auto& all) { all.emplace_back(text); });
                                             },
                                         .on_missed = [this] { ++missed_; }}))
            .value();
  }
  bool hears(const std::vector<std::string>& expected) {
    for (int i = 0; i < 5'000; ++i) {
      if (heard_.with([&](const auto& all) { return all == expected; })) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  std::unique_ptr<test::TestDatabase> database_;
  Guarded<std::vector<std::string>> heard_;
  std::atomic<int> missed_{0};
  std::unique_ptr<NoticeListener> listener_;
};

TEST_P(NoticesTest, WhatIsCommittedIsHeardInItsOrderAndNothingElse) {
  const auto connection = (*database_)->connect(Part::tables).value();
  for (const auto* const word : {"one", "two"}) {
    auto transaction = Transaction::begin(*connection).value();
    ASSERT_TRUE(send_notice(*connection, "words", word));
    ASSERT_TRUE(send_notice(*connection, "other", "unheard"));
    ASSERT_TRUE(transaction.commit());
    auto undone = Transaction::begin(*connection).value();
    ASSERT_TRUE(send_notice(*connection, "words", "undone"));
  }
  if (GetParam() == Engine::sqlite) return;  // there is nobody to tell
  EXPECT_TRUE(hears({"one", "two"}));
  ASSERT_TRUE(send_notice(*connection, "words", std::string(kMostNoticeBytes, 'x')));
  EXPECT_TRUE(hears({"one", "two", std::string(kMostNoticeBytes, 'x')}));
}

TEST_P(NoticesTest, AListenerThatWasCutOffSaysThatItMissedSomething) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "a file is always there";
  const auto connection = (*database_)->connect(Part::tables).value();
  ASSERT_TRUE(
      for_each_row(*connection,
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
                   "AND datname = current_database()",
                   {}, [](const Statement&) {}));
  for (int i = 0; i < 5'000 && missed_ == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(missed_, 1);
  ASSERT_TRUE(send_notice(*connection, "words", "afterwards"));
  EXPECT_TRUE(hears({"afterwards"}));
}

// The server is there again before what it is to be asked is.
TEST_P(NoticesTest, AListenerThatCannotListenYetTriesAgain) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "a file is always there";
  const auto connection = (*database_)->connect(Part::tables).value();
  const auto schema = query_text(*connection, "SELECT current_schema()::text").value().value_or("");
  const auto away = schema + "_away";
  // Without it there is no channel.
  ASSERT_TRUE(connection->execute("DROP SCHEMA IF EXISTS " + away + " CASCADE"));
  ASSERT_TRUE(connection->execute("ALTER SCHEMA " + schema + " RENAME TO " + away));
  ASSERT_TRUE(
      for_each_row(*connection,
                   "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
                   "AND datname = current_database()",
                   {}, [](const Statement&) {}));
  bool was_refused = false;
  for (int i = 0; i < 5'000 && !was_refused; ++i) {
    was_refused = query_integer(*connection,
                                "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN \"\"' AND "
                                "datname = current_database()")
                      .value() == 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(missed_, 0);
  ASSERT_TRUE(connection->execute("ALTER SCHEMA " + away + " RENAME TO " + schema));
  ASSERT_TRUE(was_refused);
  for (int i = 0; i < 5'000 && missed_ == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(missed_, 1);
  ASSERT_TRUE(send_notice(*connection, "words", "afterwards"));
  EXPECT_TRUE(hears({"afterwards"}));
}

INSTANTIATE_TEST_SUITE_P(Engines, NoticesTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::store
