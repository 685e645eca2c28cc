#include "store/lease.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "kit/test_database.hpp"
#include "store/leases.hpp"
#include "store/silence.hpp"

namespace linnet::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LeaseTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    connection_ = (*database_)->connect(Part::tables).value();
  }
  std::optional<Fence> take(std::string_view name, std::string_view holder, Duration length = seconds(60)) {
    auto transaction = Transaction::begin(*connection_).value();
    auto fence = take_lease(*connection_, name, holder, length).value();
    EXPECT_TRUE(transaction.commit());
    return fence;
  }
  bool holds(const Fence& fence) {
    auto transaction = Transaction::begin(*connection_).value();
    return is_held(*connection_, fence).value();
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_P(LeaseTest, OneHoldsItUntilItRunsOutOrIsGivenBack) {
  const auto first = take("stream a", "one");
  ASSERT_TRUE(first);
  EXPECT_FALSE(take("stream a", "two"));
  EXPECT_TRUE(holds(*first));
  const auto again = take("stream a", "one");
  ASSERT_TRUE(again) << "whoever has it keeps it";
  EXPECT_TRUE(holds(*again));
  EXPECT_FALSE(holds(*first)) << "what was begun under the old holding is not written under the new one";
  ASSERT_TRUE(give_lease_back(*connection_, *first));
  EXPECT_TRUE(holds(*again)) << "nor does it give the new one back";
  ASSERT_TRUE(give_lease_back(*connection_, *again));
  EXPECT_FALSE(holds(*again));
  const auto second = take("stream a", "two");
  ASSERT_TRUE(second);
  EXPECT_FALSE(take("stream a", "one"));
  ASSERT_TRUE(run(*connection_, "UPDATE leases SET lease_until = 1"));
  const auto third = take("stream a", "one");
  ASSERT_TRUE(third) << "it ran out";
  EXPECT_FALSE(holds(*second));
  EXPECT_FALSE(holds(*first)) << "another holding of the same holder";
}

TEST_P(LeaseTest, RenewingTellsWhatIsStillHeld) {
  const auto kept = take("lane a", "one", milliseconds(200));
  const auto lost = take("lane b", "one", milliseconds(1));
  std::this_thread::sleep_for(milliseconds(10));
  ASSERT_TRUE(take("lane b", "two"));
  const auto held = renew_leases(*connection_, "one", seconds(60)).value();
  EXPECT_EQ(held, (std::map<std::string, std::int64_t>{{"lane a", kept->token}}));
  std::this_thread::sleep_for(milliseconds(220));
  EXPECT_FALSE(take("lane a", "two")) << "it was renewed";
  ASSERT_TRUE(give_leases_back(*connection_, "one"));
  EXPECT_TRUE(take("lane a", "two"));
  EXPECT_FALSE(holds(*lost));
}

TEST_P(LeaseTest, WhoeverWritesUnderItIsWaitedFor) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "there one writes at a time anyway";
  const auto fence = take("stream a", "one", milliseconds(1));
  std::this_thread::sleep_for(milliseconds(10));
  const auto writing = (*database_)->connect(Part::log).value();
  std::atomic<bool> is_written{false};
  std::optional<Fence> taken;
  std::jthread other;
  {
    auto transaction = Transaction::begin(*writing).value();
    ASSERT_TRUE(is_held(*writing, *fence).value());
    // Saying that one lives waits for nobody.
    const auto renewing = (*database_)->connect(Part::tables).value();
    ASSERT_TRUE(renewing->execute("SET statement_timeout = '2s'"));
    ASSERT_TRUE(renew_leases(*renewing, "one", milliseconds(1)));
    other = std::jthread([&] {
      taken = take("stream a", "two");
      EXPECT_TRUE(is_written);
    });
    std::this_thread::sleep_for(milliseconds(100));
    is_written = true;
    ASSERT_TRUE(transaction.commit());
  }
  other.join();
  EXPECT_TRUE(taken);
  EXPECT_FALSE(holds(*fence));
}

// --- the keeper

class LeasesTest : public LeaseTest {
 protected:
  std::unique_ptr<Leases> start() { return Leases::start(**database_, options_).value(); }
  static bool comes_true(const std::function<bool()>& condition) {
    for (int i = 0; i < 10'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return false;
  }
  // Long enough for a machine that is busy with much else.
  LeasesOptions options_{.length = seconds(5), .margin = seconds(1), .beat = milliseconds(50)};
};

TEST_P(LeasesTest, OneAloneHasAllThatItWants) {
  const auto leases = start();
  EXPECT_EQ(leases->processes(), 1);
  std::vector<std::shared_ptr<Claim>> claims;
  for (const auto* const name : {"stream a", "stream b", "lane a"}) claims.push_back(leases->want(name));
  for (const auto& claim : claims) {
    ASSERT_TRUE(claim->wait({}));
    EXPECT_TRUE(claim->is_held());
    EXPECT_TRUE(claim->fence());
  }
  std::this_thread::sleep_for(options_.length + milliseconds(300));
  for (const auto& claim : claims) EXPECT_TRUE(claim->is_held()) << "it says in time that it lives";
  EXPECT_EQ(leases->want("stream a"), claims.front());
}

// A turn that failed is not the last.
TEST_P(LeasesTest, WhatWasGivenBackIsHadAgain) {
  const auto leases = start();
  const auto claim = leases->want("stream a");
  for (int turn = 0; turn < 3; ++turn) {
    ASSERT_TRUE(claim->wait_for(seconds(10), {})) << turn;
    EXPECT_TRUE(claim->is_held());
    EXPECT_TRUE(claim->fence());
    EXPECT_FALSE(claim->until_lost().stop_requested());
    claim->give_back();
  }
  EXPECT_TRUE(comes_true([&] { return claim->may_work(); }));
}

TEST_P(LeasesTest, WhoeverLooksLateHasItAllTheSame) {
  const auto leases = start();
  std::vector<std::shared_ptr<Claim>> claims;
  for (const auto* const name : {"stream a", "stream b", "stream c"}) claims.push_back(leases->want(name));
  std::this_thread::sleep_for(10 * options_.beat);
  for (const auto& claim : claims) EXPECT_TRUE(claim->is_held()) << claim->name();
}

TEST_P(LeasesTest, OfTwoEachHasItsShareAndNoneIsHeldTwice) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "one process";
  const auto first = start();
  std::map<std::string, std::shared_ptr<Claim>> ours;
  std::map<std::string, std::shared_ptr<Claim>> theirs;
  const std::vector<std::string> names{"lane a", "lane b", "lane c", "lane d", "follower a"};
  for (const auto& name : names) ASSERT_TRUE((ours[name] = first->want(name))->wait({}));
  const auto second = start();
  for (const auto& name : names) theirs[name] = second->want(name);
  const auto count = [&](auto& claims) {
    int held = 0;
    for (auto& [name, claim] : claims) {
      if (claim->is_held()) ++held;
      if (claim->fence() && claim->until_lost().stop_requested()) claim->give_back();
    }
    for (const auto& name : names) EXPECT_FALSE(ours[name]->is_held() && theirs[name]->is_held()) << name;
    return held;
  };
  EXPECT_TRUE(comes_true([&] { return count(ours) == 3 && count(theirs) == 2; }));
  EXPECT_EQ(first->processes(), 2);
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_EQ(count(ours), 3) << "and it stays so";
}

TEST_P(LeasesTest, WhatOneLeavesTheOtherTakes) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "one process";
  auto first = start();
  auto ours = first->want("stream a");
  ASSERT_TRUE(ours->wait({}));
  const auto second = start();
  const auto theirs = second->want("stream a");
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_FALSE(theirs->is_held());
  ours->give_back();
  ours.reset();
  EXPECT_TRUE(comes_true([&] { return theirs->is_held(); }));
  first.reset();
  EXPECT_TRUE(comes_true([&] { return second->processes() == 1; }));
}

int hold_until_killed(const std::string& location, int ready) {
  const auto database = open_database(location);
  if (!database) return 2;
  const auto leases = Leases::start(**database, {.length = seconds(600), .margin = seconds(1)});
  if (!leases) return 3;
  const auto claim = (*leases)->want("stream a");
  if (!claim->wait({}) || ::write(ready, "x", 1) != 1) return 4;
  ::pause();
  return 0;
}

// The server notices at once that its connection is cut.
TEST_P(LeasesTest, AKilledProcessIsNotWaitedFor) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "one process";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const auto location = database_->location();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(hold_until_killed(location, ready[1]));
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto leases = start();
  const auto claim = leases->want("stream a");
  std::this_thread::sleep_for(milliseconds(500));
  EXPECT_FALSE(claim->is_held());
  EXPECT_EQ(leases->processes(), 2);
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(comes_true([&] { return claim->is_held() && leases->processes() == 1; }));
  for (const int end : ready) ::close(end);
}

// Of two that live neither takes the other for dead.
class LivingTest : public LeasesTest {
 protected:
  void SetUp() override {
    LeasesTest::SetUp();
    if (IsSkipped()) return;
    if (GetParam() == Engine::sqlite) GTEST_SKIP() << "one process";
    options_.beat = milliseconds(500);
    first_ = start();
    second_ = start();
    ASSERT_TRUE(comes_true([&] { return know_each_other(); }));
  }
  [[nodiscard]] bool know_each_other() const {
    return first_->is_there(second_->process()) && second_->is_there(first_->process());
  }
  void never_gone(seconds watched) {
    const auto until = std::chrono::steady_clock::now() + watched;
    while (std::chrono::steady_clock::now() < until) {
      ASSERT_FALSE(first_->is_gone(second_->process()));
      ASSERT_FALSE(second_->is_gone(first_->process()));
      std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_TRUE(know_each_other());
  }

  std::unique_ptr<Leases> first_;
  std::unique_ptr<Leases> second_;
};

TEST_P(LivingTest, OneWhoseConnectionIsCutIsNotTakenForDead) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(for_each_row(*connection_,
                             "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND "
                             "classid = 1818583411 AND (objid::bigint = hashtext($1::text)::bigint & "
                             "4294967295)",
                             {std::string_view(first_->process())}, [](const Statement&) {}));
    never_gone(seconds(1));
  }
  never_gone(seconds(2));
}

// As after the database was away for longer than leases last, or its clock was set.
TEST_P(LivingTest, AllWhoseLeasesRanOutAtOnceLive) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(run(*connection_, "UPDATE leases SET lease_until = 1"));
    never_gone(seconds(1));
  }
  never_gone(seconds(2));
}

TEST_P(LivingTest, OneThatEndedIsGone) {
  const auto ended = first_->process();
  first_.reset();
  EXPECT_TRUE(comes_true([&] { return second_->is_gone(ended) && !second_->is_there(ended); }));
}

TEST(SilenceTest, WhoeverLookedTooSeldomSawNothing) {
  Silence silence;
  const std::map<std::string, LeaseRow> dead{{"process a", {"a", false, from_micros(1)}}};
  auto now = Silence::Steady::now();
  silence.look(dead, {}, now);
  silence.look(dead, {}, now += std::chrono::hours(1));
  EXPECT_FALSE(silence.is_over("a")) << "it stood still, too";
  silence.look(dead, {}, now += std::chrono::hours(1));
  EXPECT_TRUE(silence.is_over("a"));
  EXPECT_FALSE(silence.is_over("b"));
  silence.begin_anew();
  EXPECT_FALSE(silence.is_over("a"));
  for (int i = 0; i < 3; ++i) silence.look(dead, {}, now += milliseconds(500));
  EXPECT_FALSE(silence.is_over("a"));
  silence.look(dead, {}, now += milliseconds(500));
  EXPECT_TRUE(silence.is_over("a"));
  silence.look({{"process a", {"a", true, from_micros(5)}}}, {"a"}, now += milliseconds(500));
  EXPECT_FALSE(silence.is_over("a")) << "renewed, though its session is not seen";
}

// As when the machine stood still: it is not held by one who did not say so in time.
TEST_P(LeasesTest, OneThatIsTakenIsLostAndSaysSo) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "one process";
  const auto leases = start();
  const auto claim = leases->want("stream a");
  ASSERT_TRUE(claim->wait({}));
  const auto before = claim->fence();
  const auto lost = claim->until_lost();
  ASSERT_TRUE(
      run(*connection_, "UPDATE leases SET holder = 'two', token = token + 1 WHERE name = 'stream a'"));
  EXPECT_TRUE(comes_true([&] { return lost.stop_requested(); }));
  EXPECT_FALSE(claim->is_held());
  claim->give_back();
  EXPECT_TRUE(comes_true([&] { return claim->is_held(); })) << "the other gave no sign of life";
  EXPECT_NE(claim->fence(), before);
}

TEST_P(LeasesTest, OneThatCannotBeTakenHoldsUpNoOther) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "nobody else has any";
  const std::vector<std::string> locked{"stream a", "stream b", "stream c"};
  for (const auto& name : locked) {
    const auto before = take(name, "another", milliseconds(1));
    ASSERT_TRUE(before);
  }
  auto transaction = Transaction::begin(*connection_).value();
  ASSERT_TRUE(for_each_row(*connection_, "SELECT 1 FROM leases WHERE name LIKE 'stream %' FOR KEY SHARE", {},
                           [](const Statement&) {}));
  const auto leases = start();
  std::vector<std::shared_ptr<Claim>> claims;
  for (const auto& name : locked) claims.push_back(leases->want(name));
  const auto free = leases->want("stream d");
  const auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE(free->wait_for(seconds(10), {}));
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(4));
  std::this_thread::sleep_for(options_.length + seconds(1));
  EXPECT_TRUE(free->is_held()) << "it is renewed all the while";
  for (const auto& claim : claims) EXPECT_FALSE(claim->is_held());
  ASSERT_TRUE(transaction.commit());
  for (const auto& claim : claims) EXPECT_TRUE(claim->wait_for(seconds(10), {})) << claim->name();
}

TEST_P(LeasesTest, WhileTheServerIsAwayItRunsOut) {
  if (GetParam() == Engine::sqlite) GTEST_SKIP() << "a file is always there";
  const auto leases = start();
  const auto claim = leases->want("stream a");
  ASSERT_TRUE(claim->wait({}));
  auto transaction = Transaction::begin(*connection_).value();
  ASSERT_TRUE(connection_->execute("LOCK TABLE leases"));
  EXPECT_TRUE(comes_true([&] { return !claim->is_held(); }));
  ASSERT_TRUE(transaction.commit());
  claim->give_back();
  EXPECT_TRUE(comes_true([&] { return claim->is_held(); }));
}

INSTANTIATE_TEST_SUITE_P(Engines, LeaseTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, LivingTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);
INSTANTIATE_TEST_SUITE_P(Engines, LeasesTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::store
