// A stream that could not begin says so, once, for as long as that lasts.
#include "app/leased_reader.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "kit/test_database.hpp"

namespace linnet::app {
namespace {

using connect::ConnectorState;

class LiveTurn final : public LeasedReader::Turn {
 public:
  void run(const std::stop_token& stop) override {
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  [[nodiscard]] connect::ConnectorHealth health() const override {
    connect::ConnectorHealth health;
    health.state = ConnectorState::live;
    return health;
  }
};

TEST(LeasedReader, WhatCannotBeginIsShownUntilItCan) {
  const test::TestDatabase database(store::Engine::sqlite);
  const auto leases = store::Leases::start(**database).value();
  SystemClock clock;
  connect::ConnectorHealth at_rest;
  at_rest.id = "https://example.social public";
  at_rest.state = ConnectorState::connecting;
  std::atomic<bool> is_damaged{true};
  LeasedReader reader(*leases, clock, at_rest,
                      [&](const store::Fence& /*under*/) -> Result<std::shared_ptr<LeasedReader::Turn>> {
                        if (is_damaged) return Error::of(ErrorKind::corrupt, "a page is damaged");
                        return std::shared_ptr<LeasedReader::Turn>(std::make_shared<LiveTurn>());
                      },
                      {});
  const auto comes_to = [&](ConnectorState state) {
    for (int i = 0; i < 2'000 && reader.health().state != state; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return reader.health().state == state;
  };
  ASSERT_TRUE(comes_to(ConnectorState::backing_off));
  EXPECT_EQ(reader.health().last_error, "a page is damaged");
  EXPECT_EQ(reader.health().id, at_rest.id);
  is_damaged = false;
  ASSERT_TRUE(comes_to(ConnectorState::live));
  EXPECT_EQ(reader.health().last_error, "");
}

}  // namespace
}  // namespace linnet::app
