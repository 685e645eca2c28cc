// Paging back to what was seen last: whole, in order where the server can, and never without end.
#include "connect/mastodon/gap_filler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "connect/mastodon/backfill.hpp"
#include "connect/mastodon/pretend_server.hpp"

namespace linnet::connect::mastodon {
namespace {

constexpr std::int64_t kEpochMillis = 1'785'585'600'000;  // 2026-08-01T12:00:00Z

// Ids as Mastodon makes them: the n-th second after noon.
std::string id_at(int second) {
  return std::to_string((kEpochMillis + second * 1000LL) << 16U);
}

class GapFillerTest : public testing::Test {
 protected:
  GapFillerTest() {
    ApiOptions options;
    options.base_url = "https://example.social";
    api_.emplace(server_, budget_, options);
  }
  GapFiller filler(GapOptions options = {}) {
    return GapFiller(*api_, StreamKind::parse("public").value(), options);
  }
  GapFiller::OnPage keep() {
    return [this](std::vector<RawStatus> statuses, std::optional<std::string> cursor) -> Status {
      for (const auto& status : statuses) ++seen_[status.id];
      if (cursor) cursors_.push_back(*cursor);
      return {};
    };
  }

  SystemClock clock_;
  PretendServer server_;
  RequestBudget budget_{clock_};
  std::optional<ApiClient> api_;
  std::map<std::string, int> seen_;
  std::vector<std::string> cursors_;
  std::stop_source stop_;
};

TEST_F(GapFillerTest, reads_all_that_is_newer_from_the_oldest_on) {
  for (int second = 0; second < 1'000; ++second) server_.publish(id_at(second));
  GapOptions options;
  options.overlap = std::chrono::seconds(10);
  auto gap = filler(options);
  const auto outcome = gap.fill(id_at(500), keep(), stop_.get_token()).value();
  for (int second = 491; second < 1'000; ++second) ASSERT_EQ(seen_[id_at(second)], 1) << second;
  EXPECT_EQ(outcome.read, 509U);
  EXPECT_EQ(outcome.newest, id_at(999));
  EXPECT_TRUE(std::is_sorted(cursors_.begin(), cursors_.end(), id_less))
      << "an interrupted filling can go on";
  EXPECT_EQ(cursors_.back(), id_at(999));
  EXPECT_FALSE(id_less(cursors_.front(), id_at(500))) << "a cursor never goes back";
}

TEST_F(GapFillerTest, reads_posts_that_came_late_with_older_ids) {
  server_.publish(id_at(100));
  server_.publish(id_at(40));  // from another server, a minute late
  auto gap = filler();
  ASSERT_TRUE(gap.fill(id_at(100), keep(), stop_.get_token()).ok());
  EXPECT_EQ(seen_[id_at(40)], 1);
}

TEST_F(GapFillerTest, notices_a_server_that_passes_over_min_id) {
  server_.honours_min_id = false;
  for (int second = 0; second < 1'000; ++second) server_.publish(id_at(second));
  GapOptions options;
  options.overlap = std::chrono::seconds(10);
  auto gap = filler(options);
  ASSERT_TRUE(gap.fill(id_at(500), keep(), stop_.get_token()).ok());
  for (int second = 491; second < 1'000; ++second) ASSERT_GE(seen_[id_at(second)], 1) << second;
  EXPECT_EQ(seen_.count(id_at(480)), 0U);
  EXPECT_EQ(cursors_, std::vector<std::string>{id_at(999)}) << "saved only once the gap is closed";
}

TEST_F(GapFillerTest, ids_without_time_are_overlapped_by_pages) {
  for (int i = 100; i < 400; ++i) server_.publish("01HZX5V1S1D3V2T7CEDYP3N" + std::to_string(i));
  auto gap = filler();
  ASSERT_TRUE(gap.fill("01HZX5V1S1D3V2T7CEDYP3N300", keep(), stop_.get_token()).ok());
  EXPECT_EQ(seen_.begin()->first, "01HZX5V1S1D3V2T7CEDYP3N220");
  EXPECT_EQ(seen_.count("01HZX5V1S1D3V2T7CEDYP3N399"), 1U);
}

TEST_F(GapFillerTest, an_endless_gap_is_cut_and_says_so) {
  for (int second = 0; second < 1'000; ++second) server_.publish(id_at(second));
  GapOptions options;
  options.overlap = std::chrono::seconds(0);
  options.most = 200;
  auto gap = filler(options);
  const auto outcome = gap.fill(id_at(0), keep(), stop_.get_token()).value();
  EXPECT_TRUE(outcome.was_cut);
  EXPECT_EQ(outcome.read, 200U);
}

TEST_F(GapFillerTest, no_gap_takes_one_or_two_questions) {
  server_.publish(id_at(0));
  auto gap = filler();
  ASSERT_TRUE(gap.fill(id_at(0), keep(), stop_.get_token()).ok());
  EXPECT_LE(server_.requests().size(), 2U);
  PretendServer empty;
  ApiOptions options;
  options.base_url = "https://example.social";
  ApiClient api(empty, budget_, options);
  GapFiller nothing(api, StreamKind::parse("public").value(), {});
  EXPECT_EQ(nothing.fill(id_at(0), keep(), stop_.get_token())->read, 0U);
  EXPECT_EQ(nothing.start(0, keep(), stop_.get_token())->newest, "");
}

TEST_F(GapFillerTest, a_first_start_reads_as_deep_as_asked) {
  for (int second = 0; second < 500; ++second) server_.publish(id_at(second));
  auto first = filler();
  EXPECT_EQ(first.start(0, keep(), stop_.get_token())->read, 1U);
  EXPECT_EQ(cursors_, std::vector<std::string>{id_at(499)});
  seen_.clear();
  auto deep = filler();
  EXPECT_EQ(deep.start(100, keep(), stop_.get_token())->read, 100U);
  EXPECT_EQ(seen_.begin()->first, id_at(400));
}

TEST_F(GapFillerTest, an_error_leaves_what_was_saved) {
  for (int second = 0; second < 200; ++second) server_.publish(id_at(second));
  GapOptions options;
  options.overlap = std::chrono::seconds(0);
  auto gap = filler(options);
  int asked = 0;
  server_.on_request = [&](const net::HttpRequest&) {
    if (++asked == 4) server_.fail_next(unavailable("gone"));
  };
  EXPECT_EQ(gap.fill(id_at(0), keep(), stop_.get_token()).error().kind, ErrorKind::unavailable);
  ASSERT_FALSE(cursors_.empty());
  const auto reached = cursors_.back();
  ASSERT_TRUE(gap.fill(reached, keep(), stop_.get_token()).ok());
  for (int second = 1; second < 200; ++second) EXPECT_EQ(seen_[id_at(second)], 1) << second;
}

TEST_F(GapFillerTest, backfill_goes_to_the_beginning_and_can_be_resumed) {
  for (int second = 0; second < 300; ++second) server_.publish(id_at(second));
  KeepingSink sink;
  BackfillRequest request{StreamKind::parse("public").value(), std::nullopt, 100, 8, {}};
  const auto random = [] { return 0.0; };
  std::size_t reports = 0;
  const auto first = backfill(
                         *api_, sink, clock_, random, request, [&](const BackfillProgress&) { ++reports; },
                         stop_.get_token())
                         .value();
  EXPECT_EQ(first.read, 100U);
  EXPECT_EQ(reports, 3U);
  EXPECT_FALSE(first.is_done);
  request.resume = sink.cursors().back();
  request.most = 0;
  server_.fail_next(unavailable("for a moment"));
  const auto second = backfill(*api_, sink, clock_, random, request, {}, stop_.get_token()).value();
  EXPECT_TRUE(second.is_done);
  EXPECT_EQ(sink.cursors().back(), kBackfillDone);
  const auto ids = sink.ids();
  EXPECT_EQ(ids.size(), 300U);
  for (const auto& [id, times] : ids) EXPECT_EQ(times, 1) << id;
  request.resume = sink.cursors().back();
  EXPECT_EQ(backfill(*api_, sink, clock_, random, request, {}, stop_.get_token())->read, 0U);
}

TEST_F(GapFillerTest, backfill_ends_where_pages_bring_nothing_new) {
  const auto body = "[" + status_json("12") + "," + status_json("11") + "]";
  int next = 1'000'000;
  server_.on_request = [&](const net::HttpRequest&) {
    const auto link = "<https://x.example/api?max_id=" + std::to_string(--next) + R"(>; rel="next")";
    server_.answer_next({200, {{"Content-Type", "application/json"}, {"Link", link}}, body, {}});
  };
  KeepingSink sink;
  const BackfillRequest request{StreamKind::parse("public").value(), std::nullopt, 100'000, 8, {}};
  const auto done = backfill(
      *api_, sink, clock_, [] { return 0.0; }, request, {}, stop_.get_token());
  ASSERT_TRUE(done) << done.error().safe;
  EXPECT_TRUE(done->is_done);
  EXPECT_EQ(done->read, 2U);
  EXPECT_EQ(sink.lines().size(), 2U);
  EXPECT_EQ(server_.requests().size(), 2U);
}

// A server that passes over min_id and max_id both: what was missed beyond one page cannot be read from it.
TEST_F(GapFillerTest, a_gap_whose_pages_repeat_is_told_as_cut) {
  // Either the posts are the same again, or the place where the next page is said to be.
  for (const bool are_posts_the_same : {true, false}) {
    int newest = 999;
    int next = 900;
    server_.on_request = [&](const net::HttpRequest&) {
      std::string body = "[";
      for (int second = newest; second > newest - 40; --second)
        body += status_json(id_at(second)) + (second > newest - 39 ? "," : "]");
      if (are_posts_the_same) {
        --next;
      } else {
        newest -= 40;
      }
      const auto link = "<https://example.social/api?max_id=" + id_at(next) + R"(>; rel="next")";
      server_.answer_next({200, {{"Content-Type", "application/json"}, {"Link", link}}, body, {}});
    };
    auto gap = filler();
    const auto outcome = gap.fill(id_at(100), keep(), stop_.get_token());
    ASSERT_TRUE(outcome) << outcome.error().safe;
    EXPECT_TRUE(outcome->was_cut) << are_posts_the_same;
  }
}

TEST_F(GapFillerTest, backfill_of_an_account_ends_at_once_when_the_server_refuses) {
  KeepingSink sink;
  const BackfillRequest request{AccountHistory{"7"}, std::nullopt, 0, 8, {}};
  server_.answer_next({401, {}, "{}", {}});
  const auto refused = backfill(
      *api_, sink, clock_, [] { return 0.0; }, request, {}, stop_.get_token());
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_EQ(server_.requests(), std::vector<std::string>{"GET /api/v1/accounts/7/statuses?limit=40"});
}

}  // namespace
}  // namespace linnet::connect::mastodon
