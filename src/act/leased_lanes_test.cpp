// Two processes that act on one database: one of them works for an account, and what one leaves the other
// takes up.
#include <fmt/format.h>

#include "act/gate_fixture.hpp"

namespace linnet::act {
namespace {

using model::ActionStatus;

class LeasedLanesTest : public GateFixture {
 protected:
  std::unique_ptr<store::Leases> leases_of_one() {
    return store::Leases::start(**database_, {.length = std::chrono::seconds(2),
                                              .margin = std::chrono::milliseconds(300),
                                              .beat = std::chrono::milliseconds(20)})
        .value();
  }
};

TEST_P(LeasedLanesTest, OneWorksForAnAccountAndTheOtherGoesOn) {
  if (GetParam() == store::Engine::sqlite) GTEST_SKIP() << "one process";
  auto one = leases_of_one();
  auto two = leases_of_one();
  options_.leases = one.get();
  start();
  options_.leases = two.get();
  const auto other = another_process();
  std::vector<Attempt> attempts;
  for (int i = 0; i < 6; ++i)
    attempts.push_back(gate_->request(publish(fmt::format("Post {}", i)), ada_, false)->attempts.front());
  for (const auto& attempt : attempts) EXPECT_EQ(wait_until_final(attempt), ActionStatus::success);
  EXPECT_EQ(connectors_made_, 1) << "one connector, one session, one budget";
  const auto worker = [&](const Attempt& attempt) { return reload(attempt).worker; };
  const auto first = worker(attempts.front());
  for (const auto& attempt : attempts) EXPECT_EQ(worker(attempt), first);
  // It ends; as its leases are given back, the other need not wait until they run out.
  const bool was_one = first == one->process();
  (was_one ? dispatcher_ : other->dispatcher).reset();
  (was_one ? one : two).reset();
  auto& gate = was_one ? *other->gate : *gate_;
  const auto last = gate.request(publish("Afterwards"), ada_, false)->attempts.front();
  EXPECT_EQ(wait_until_final(last), ActionStatus::success);
  EXPECT_NE(worker(last), first);
  for (const auto& [what, times] : platform_.effects()) EXPECT_EQ(times, 1) << what;
  expect_whole_audit();
  dispatcher_.reset();
  other->dispatcher.reset();
}

// Its sign of life in the tables is fresh still, but its lease has run out.
TEST_P(LeasedLanesTest, WhatAKilledProcessHadInHandIsTakenOverWhenItsLeaseRanOut) {
  if (GetParam() == store::Engine::sqlite) GTEST_SKIP() << "one process, which takes over at once";
  const auto attempt = gate_->request(publish("Hello"), ada_, false)->attempts.front();
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) -> Status {
    LINNET_CHECK(store::run(
        connection,
        "UPDATE action_attempts SET status = 'in_progress', worker = 'killed', tries = 1 WHERE id = $1",
        {std::string_view(attempt.id.value())}));
    LINNET_TRY(const auto now, store::database_now(connection));
    return store::run(connection, "INSERT INTO workers (id, seen_at) VALUES ('killed', $1)",
                      {to_micros(now)});
  }));
  const auto leases = leases_of_one();
  options_.leases = leases.get();
  start();
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(reload(attempt).status, ActionStatus::in_progress) << "it may be at work still";
  ASSERT_TRUE(writer_->write([&](store::Connection& connection) {
    return store::run(connection,
                      "INSERT INTO leases (name, holder, token, lease_until) VALUES ('process killed', "
                      "'killed', 1, 1)");
  }));
  EXPECT_TRUE(comes_true([&] { return reload(attempt).status != ActionStatus::in_progress; }));
  dispatcher_.reset();
}

INSTANTIATE_TEST_SUITE_P(Engines, LeasedLanesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
