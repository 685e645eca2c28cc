// What must not be done beside a `linnet serve`, and keeps one from starting meanwhile.
#include "cli/serve_lock.hpp"

#include <gtest/gtest.h>

#include "kit/test_database.hpp"

namespace linnet::cli {
namespace {

using store::DatabaseHold;
using store::Engine;

class ServeLockTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    auto folder = (std::filesystem::temp_directory_path() / "linnet-lock-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    context_.options.data = folder_;
    context_.options.db = database_->location();
    // As on another machine: another data folder, the same database.
    elsewhere_ = context_.options;
    elsewhere_.data = folder_ / "elsewhere";
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Result<ServeKeptOut> keep_out() {
    return keep_serve_out(context_, **database_, "so that it does no harm", std::chrono::milliseconds(300));
  }
  // What serve takes before anything else.
  Status serve_elsewhere(std::optional<ServeLock>& lock, std::unique_ptr<DatabaseHold>& hold) {
    LINNET_TRY(auto taken, ServeLock::take(elsewhere_));
    lock.emplace(std::move(taken));
    LINNET_TRY(hold, DatabaseHold::join(
                         **database_, context_.clock, [](const Error&) {}, [] { return Status(); },
                         std::chrono::milliseconds(50)));
    return {};
  }

  std::filesystem::path folder_;
  Context context_;
  GlobalOptions elsewhere_;
  std::unique_ptr<test::TestDatabase> database_;
};

// It has only just begun and given no sign of life in the tables, or its clock is another.
TEST_P(ServeLockTest, AServeThatHasJustBegunIsNotPassedOver) {
  std::optional<ServeLock> lock;
  std::unique_ptr<DatabaseHold> hold;
  ASSERT_TRUE(serve_elsewhere(lock, hold));
  const auto refused = keep_out();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  hold.reset();
  lock.reset();
  EXPECT_TRUE(keep_out()) << "it has ended";
}

TEST_P(ServeLockTest, NoServeStartsMeanwhile) {
  std::optional<ServeLock> lock;
  std::unique_ptr<DatabaseHold> hold;
  {
    const auto kept_out = keep_out();
    ASSERT_TRUE(kept_out) << kept_out.error().message;
    const auto started = serve_elsewhere(lock, hold);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind, ErrorKind::conflict);
    lock.reset();
  }
  EXPECT_TRUE(serve_elsewhere(lock, hold));
}

// Signs of life in the tables say nothing: those of one that was killed stay for a while.
TEST_P(ServeLockTest, WhatAKilledOneLeftIsNoServe) {
  auto writer = store::Writer::start(**database_).value();
  const auto now = to_micros(context_.clock.now());
  ASSERT_TRUE(writer->write([&](store::Connection& connection) {
    return store::run(connection, "INSERT INTO workers (id, seen_at) VALUES ('w', $1)", {now});
  }));
  EXPECT_TRUE(keep_out());
}

INSTANTIATE_TEST_SUITE_P(Engines, ServeLockTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::cli
