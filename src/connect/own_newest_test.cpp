// Looking among what an account made last: as far back as the order goes by the server's clock, and «it is
// not there» only after all of it was seen.
#include "connect/own_newest.hpp"

#include <gtest/gtest.h>

#include <map>

namespace linnet::connect {
namespace {

using Page = OwnPage<std::string>;
using std::chrono::minutes;

const Instant kTried = parse_iso8601("2026-08-01T12:00:00Z").value();

class OwnNewestTest : public testing::Test {
 protected:
  OwnNewestTest() { clock_.advance(minutes(10)); }

  void page(const std::string& asked, std::vector<std::pair<std::string, Duration>> made, std::string next,
            std::optional<Duration> server_ahead = Duration{}) {
    Page built;
    for (auto& [id, after] : made)
      built.made.push_back({id, kTried + after + server_ahead.value_or(Duration{}), id});
    if (server_ahead) built.server_time = clock_.now() + *server_ahead;
    built.next = std::move(next);
    pages_[asked] = std::move(built);
  }
  OwnWalk walk(const std::string& until = {}) {
    seen_.clear();
    const auto done = walk_own_newest<std::string>(
        kTried, 5, clock_, [this](const std::string& next) -> Result<Page> { return pages_.at(next); },
        [&](const std::string& id) -> Result<bool> {
          seen_.push_back(id);
          return id != until;
        });
    EXPECT_TRUE(done);
    return done ? *done : OwnWalk{};
  }

  ManualClock clock_{kTried};
  std::map<std::string, Page> pages_;
  std::vector<std::string> seen_;
};

TEST_F(OwnNewestTest, GoesBackToWhenTheOrderWasTried) {
  page("", {{"4", minutes(3)}, {"3", minutes(1)}}, "3");
  page("3", {{"2", -minutes(1)}, {"1", -minutes(3)}, {"0", -minutes(9)}}, "0");
  const auto done = walk();
  EXPECT_EQ(seen_, (std::vector<std::string>{"4", "3", "2"}));
  EXPECT_EQ(done.searched, 3);
  EXPECT_TRUE(done.is_whole);
}

TEST_F(OwnNewestTest, ByTheServersClock) {
  page("", {{"2", minutes(1)}, {"1", -minutes(9)}}, "1", minutes(30));
  EXPECT_TRUE(walk().is_whole);
  EXPECT_EQ(seen_, std::vector<std::string>{"2"});
  // A server that does not tell its time may be wrong by any.
  page("", {{"2", minutes(1)}, {"1", -minutes(9)}}, "1", std::nullopt);
  EXPECT_FALSE(walk().is_whole);
}

TEST_F(OwnNewestTest, IsWholeAtTheEndOfWhatThereIs) {
  page("", {{"1", minutes(1)}}, "");
  EXPECT_TRUE(walk().is_whole);
  pages_[""].is_whole = false;
  EXPECT_FALSE(walk().is_whole);
}

TEST_F(OwnNewestTest, StopsWhereTheSamePageComesAgain) {
  page("", {{"1", minutes(1)}}, "1");
  page("1", {{"1", minutes(1)}}, "1");
  const auto done = walk();
  EXPECT_EQ(done.searched, 1);
  EXPECT_FALSE(done.is_whole);
}

TEST_F(OwnNewestTest, StopsWhenItIsFoundAndAfterTooMany) {
  for (int i = 9; i >= 0; --i)
    page(i == 9 ? "" : std::to_string(i + 1), {{std::to_string(i), minutes(1)}}, std::to_string(i));
  EXPECT_FALSE(walk().is_whole);
  EXPECT_EQ(seen_.size(), 5U);
  EXPECT_TRUE(walk("8").is_whole);
  EXPECT_EQ(seen_.size(), 2U);
}

}  // namespace
}  // namespace linnet::connect
