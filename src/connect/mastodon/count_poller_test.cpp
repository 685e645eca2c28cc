// Counts of young posts are read again by age, in batches, and deletions are noticed with care. So are
// follows.
#include "connect/mastodon/count_poller.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connect/mastodon/follows.hpp"
#include "connect/mastodon/pretend_server.hpp"
#include "connect/test_store.hpp"

namespace linnet::connect::mastodon {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

const Instant kNow = parse_iso8601("2026-08-01T12:00:00Z").value();

// Time passes only while somebody sleeps.
class QuickClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  bool sleep_until(Instant deadline, const std::stop_token& stop) override {
    now_ = std::max(now_, deadline);
    return !stop.stop_requested();
  }
  Instant now_ = kNow;
};

class CountPollerTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (const auto reason = TestStore::missing(GetParam())) GTEST_SKIP() << *reason;
    store_ = std::make_unique<TestStore>(GetParam());
    ApiOptions options;
    options.base_url = "https://example.social";
    api_.emplace(server_, budget_, options);
    poller_.emplace(*api_, store_->database(), InstanceId(1), sink_, clock_);
  }
  void add_post(const std::string& id, Duration age, Duration since_read,
                const std::string& more = "NULL, NULL", int instance = 1, int score = 0) {
    store_->execute(fmt::format(
        R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at, last_extracted_at,
             content_type, counts_at, replies_count, reblogs_count, favourites_count, engagement_score,
             version_seq, valid_from, content_hash, deleted_at, reblog_of_id)
           VALUES ({}, '{}', '1', {}, 0, {}, 'text', 0, 0, 0, 0, {}, 1, 0, 0, {}))",
        instance, id, to_micros(clock_.now() - age), to_micros(clock_.now() - since_read), score, more));
    server_.publish(id);
  }
  std::size_t poll() { return poller_->poll_due(stop_.get_token()).value(); }
  std::size_t asked_for(std::string_view prefix) {
    const auto requests = server_.requests();
    return static_cast<std::size_t>(std::count_if(
        requests.begin(), requests.end(), [&](const auto& one) { return one.find(prefix) != one.npos; }));
  }
  [[nodiscard]] std::size_t deletions() const {
    const auto lines = sink_.lines();
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](const auto& line) {
      return line.find(R"("event":"delete")") != line.npos;
    }));
  }

  std::unique_ptr<TestStore> store_;
  QuickClock clock_;
  PretendServer server_;
  RequestBudget budget_{clock_};
  KeepingSink sink_;
  std::optional<ApiClient> api_;
  std::optional<CountPoller> poller_;
  std::stop_source stop_;
};

TEST_P(CountPollerTest, reads_what_is_due_and_nothing_else) {
  add_post("100", hours(3), hours(2));
  add_post("101", hours(3), minutes(1));                 // read just now
  add_post("102", hours(24 * 8), hours(24 * 3));         // too old
  add_post("103", hours(3), hours(2), "5, NULL");        // deleted
  add_post("104", hours(3), hours(2), "NULL, '100'");    // a boost
  add_post("105", hours(3), hours(2), "NULL, NULL", 2);  // of another server
  add_post("106", hours(48), hours(7));
  add_post("107", hours(48), hours(2));  // its turn comes in some hours
  EXPECT_EQ(poll(), 2U);
  EXPECT_EQ(sink_.ids(), (std::map<std::string, int>{{"100", 1}, {"106", 1}}));
  EXPECT_EQ(poller_->figures().polled, 2U);
  EXPECT_EQ(poll(), 0U) << "not again, though the tables do not know of it yet";
}

TEST_P(CountPollerTest, asks_for_forty_at_once_and_leaves_nobody_out) {
  for (int i = 0; i < 200; ++i)
    add_post(std::to_string(1'000 + i), hours(3), hours(2), "NULL, NULL", 1, i % 7 * 100);
  EXPECT_EQ(poll(), 200U);
  EXPECT_EQ(sink_.ids().size(), 200U) << "those without a score as well";
  EXPECT_EQ(asked_for("/api/v1/statuses?"), 5U);
  EXPECT_EQ(server_.requests().size(), 5U);
}

TEST_P(CountPollerTest, a_day_of_one_post_is_24_readings) {
  add_post("100", hours(0), hours(0));
  for (int minute = 0; minute < 24 * 60 + 10; ++minute) {
    clock_.now_ += minutes(1);
    const auto read = poll();
    if (read > 0)
      store_->execute(fmt::format("UPDATE posts SET last_extracted_at = {}", to_micros(clock_.now())));
  }
  EXPECT_EQ(poller_->figures().polled, 24U);
}

TEST_P(CountPollerTest, waits_a_little_for_others_to_share_the_call) {
  add_post("100", hours(3), hours(3));
  add_post("101", hours(30), hours(1));
  clock_.now_ = kNow;
  // One that falls due in this very moment.
  CountPollerOptions options;
  options.fill_up_for = hours(24);
  CountPoller patient(*api_, store_->database(), InstanceId(1), sink_, clock_, options);
  EXPECT_EQ(patient.poll_due(stop_.get_token()).value(), 0U);
  clock_.now_ += hours(24);
  EXPECT_GT(patient.poll_due(stop_.get_token()).value(), 0U);
}

TEST_P(CountPollerTest, a_post_that_is_gone_is_deleted_at_once_by_410_and_by_404_at_the_second_look) {
  add_post("100", hours(3), hours(2));
  add_post("101", hours(3), hours(2));
  add_post("102", hours(3), hours(2));
  server_.remove("101", 410);
  server_.remove("102", 404);
  EXPECT_EQ(poll(), 3U);
  EXPECT_EQ(deletions(), 1U);
  EXPECT_THAT(sink_.lines().back(), HasSubstr(R"("event":"delete","payload":"101")"));
  store_->execute("UPDATE posts SET deleted_at = 1 WHERE id = '101'");
  clock_.now_ += hours(1) + minutes(10);
  poll();
  EXPECT_EQ(deletions(), 2U);
  EXPECT_THAT(sink_.lines().back(), HasSubstr(R"("event":"delete","payload":"102")"));
}

TEST_P(CountPollerTest, a_server_that_shows_nothing_has_deleted_nothing) {
  for (const char* id : {"100", "101"}) {
    add_post(id, hours(3), hours(2));
    server_.remove(id, 404);
  }
  for (int round = 0; round < 5; ++round) {
    poll();
    clock_.now_ += hours(2);
  }
  EXPECT_EQ(deletions(), 0U);
}

TEST_P(CountPollerTest, a_server_whose_batches_leave_things_out_is_asked_one_by_one) {
  for (int i = 0; i < 4; ++i) add_post(std::to_string(100 + i), hours(3), hours(2));
  server_.hidden_in_batches = {"100", "101", "102"};
  poll();
  EXPECT_EQ(sink_.ids().size(), 4U);
  EXPECT_EQ(deletions(), 0U);
  clock_.now_ += hours(2);
  poll();
  EXPECT_EQ(asked_for("/api/v1/statuses?"), 1U);
}

TEST_P(CountPollerTest, an_error_loses_nothing) {
  add_post("100", hours(3), hours(2));
  server_.answer_next({500, {}, "", {}});
  EXPECT_EQ(poller_->poll_due(stop_.get_token()).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(poll(), 1U);
}

TEST_P(CountPollerTest, one_bad_post_holds_up_no_other) {
  for (int i = 0; i < 30; ++i) add_post(std::to_string(100 + i), hours(3), hours(2));
  server_.broken = {{"107", 500}};
  EXPECT_EQ(poll(), 29U);
  EXPECT_EQ(sink_.ids().size(), 29U);
  EXPECT_EQ(poller_->figures().errors, 1U);
  EXPECT_NE(poller_->figures().last_error, "");
  clock_.now_ += hours(2);
  EXPECT_EQ(poll(), 29U) << "nor the next time";
  server_.broken.clear();
  clock_.now_ += hours(7);
  EXPECT_EQ(poll(), 30U) << "and it is tried again";
}

TEST_P(CountPollerTest, one_that_a_batch_leaves_out_and_that_cannot_be_asked_for_holds_up_no_other) {
  for (int i = 0; i < 4; ++i) add_post(std::to_string(100 + i), hours(3), hours(2));
  server_.hidden_in_batches = {"100", "102"};
  server_.broken = {{"100", 403}};
  poll();
  EXPECT_EQ(sink_.ids().size(), 3U);
  EXPECT_EQ(deletions(), 0U);
}

TEST_P(CountPollerTest, one_that_fails_by_itself_within_a_batch_is_told_and_waits_longer_each_time) {
  // Half an hour before any of them is due once more.
  for (int i = 0; i < 4; ++i) add_post(std::to_string(100 + i), minutes(210), hours(2));
  server_.hidden_in_batches = {"100"};
  server_.broken = {{"100", 500}};
  EXPECT_EQ(poll(), 3U);
  EXPECT_EQ(poller_->figures().errors, 1U);
  EXPECT_NE(poller_->figures().last_error, "");
  const auto asked = [&] { return asked_for("/api/v1/statuses/100"); };
  EXPECT_EQ(asked(), 1U);
  EXPECT_FALSE(poller_->poll_due(stop_.get_token())) << "the first time at the next look";
  EXPECT_EQ(asked(), 2U);
  for (const std::size_t wait : {1, 2, 4}) {
    clock_.now_ += minutes(wait) - std::chrono::seconds(1);
    EXPECT_EQ(poll(), 0U);
    EXPECT_EQ(asked(), wait == 4 ? 4U : wait + 1);
    clock_.now_ += std::chrono::seconds(1);
    EXPECT_FALSE(poller_->poll_due(stop_.get_token()));
    EXPECT_EQ(asked(), wait == 4 ? 5U : wait + 2);
  }
  server_.broken.clear();
  clock_.now_ += minutes(8);
  poll();
  EXPECT_EQ(sink_.ids().count("100"), 1U) << "it was never taken for read";
}

TEST_P(CountPollerTest, one_bad_post_holds_up_no_other_where_each_is_asked_for_by_itself) {
  for (int i = 0; i < 5; ++i) add_post(std::to_string(100 + i), hours(3), hours(2));
  server_.has_batches = false;
  server_.broken = {{"102", 500}};
  EXPECT_EQ(poll(), 4U);
  EXPECT_EQ(sink_.ids().size(), 4U);
}

TEST_P(CountPollerTest, a_server_that_fails_is_not_asked_for_each_by_itself) {
  for (int i = 0; i < 40; ++i) {
    add_post(std::to_string(100 + i), hours(3), hours(2));
    server_.broken[std::to_string(100 + i)] = 500;
  }
  EXPECT_EQ(poller_->poll_due(stop_.get_token()).error().kind, ErrorKind::unavailable);
  EXPECT_LT(server_.requests().size(), 15U);
  server_.broken.clear();
  clock_.now_ += minutes(1);
  EXPECT_EQ(poll(), 40U);
}

TEST_P(CountPollerTest, holds_only_the_longest_overdue_when_there_are_too_many) {
  for (int i = 0; i < 30; ++i) add_post(std::to_string(100 + i), hours(10), minutes(70 + i * 10));
  CountPollerOptions options;
  options.queue_limit = 10;
  CountPoller small(*api_, store_->database(), InstanceId(1), sink_, clock_, options);
  EXPECT_EQ(small.poll_due(stop_.get_token()).value(), 10U);
  // Posts read within the same hour are due at about the same time.
  for (int i = 24; i < 30; ++i) EXPECT_EQ(sink_.ids().count(std::to_string(100 + i)), 1U) << i;
}

TEST_P(CountPollerTest, follows_are_read_page_by_page_and_those_who_left_are_taken_out) {
  const auto accounts = [](int from, int to) {
    std::string body;
    for (int id = 1'000 + from; id < 1'000 + to; ++id)
      body += fmt::format("{}{{\"id\":\"{}\"}}", body.empty() ? "" : ",", id);
    return "[" + body + "]";
  };
  const auto read = [&] {
    return read_follows(*api_, store_->writer(), InstanceId(1), PlatformUserId("7"), clock_,
                        stop_.get_token());
  };
  server_.answer_next(
      {200,
       {{"Link", "<https://example.social/api/v1/accounts/7/followers?max_id=55>; rel=\"next\""}},
       accounts(0, 80),
       {}});
  server_.answer_next({200, {}, accounts(80, 100), {}});
  server_.answer_next({200, {}, accounts(0, 3), {}});
  const auto first = read().value();
  EXPECT_EQ(first.followers, 100U);
  EXPECT_EQ(first.following, 3U);
  EXPECT_EQ(store_->integer("SELECT count(*) FROM account_follows WHERE followee_account_id = '7'"), 100);
  EXPECT_EQ(store_->integer("SELECT count(*) FROM account_follows WHERE follower_account_id = '7'"), 3);

  clock_.now_ += hours(1);
  server_.answer_next({200, {}, accounts(0, 10), {}});
  server_.answer_next({500, {}, "", {}});
  EXPECT_FALSE(read().ok());
  EXPECT_EQ(store_->integer("SELECT count(*) FROM account_follows WHERE followee_account_id = '7'"), 10);
  EXPECT_EQ(store_->integer("SELECT count(*) FROM account_follows WHERE follower_account_id = '7'"), 3)
      << "what could not be read is not taken out";
}

INSTANTIATE_TEST_SUITE_P(Engines, CountPollerTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), engine_name);

}  // namespace
}  // namespace linnet::connect::mastodon
