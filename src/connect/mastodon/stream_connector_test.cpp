// A connector misses nothing, says how it fares, and rests when it is refused. The stream is played.
#include "connect/mastodon/stream_connector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <thread>

#include "connect/mastodon/pretend_server.hpp"

namespace linnet::connect::mastodon {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// A stream that tests open, feed and drop.
class PlayedStream final : public net::EventSource {
 public:
  Status stream(const net::EventStreamRequest& request,
                const std::function<Status(const net::ServerEvent&)>& on_event,
                std::stop_token stop) override {
    {
      const std::scoped_lock lock(mutex_);
      ++connections_;
      url_ = request.http.url;
      if (!refusals_.empty()) {
        auto error = refusals_.front();
        refusals_.erase(refusals_.begin());
        changed_.notify_all();
        return error;
      }
    }
    request.on_open();
    std::unique_lock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
    while (true) {
      changed_.wait(lock, stop, [&] { return drop_ || !events_.empty(); });
      if (stop.stop_requested() || drop_) break;
      const auto event = events_.front();
      events_.erase(events_.begin());
      lock.unlock();
      const auto taken = on_event(event);
      lock.lock();
      if (!taken) {
        is_open_ = false;
        return taken;
      }
    }
    is_open_ = false;
    drop_ = false;
    changed_.notify_all();
    return stop.stop_requested() ? Error::of(ErrorKind::cancelled, "stopped")
                                 : unavailable("the stream ended");
  }

  void send(std::string type, std::string data) {
    const std::scoped_lock lock(mutex_);
    events_.push_back({std::move(type), std::move(data), {}});
    changed_.notify_all();
  }
  void drop() {
    std::unique_lock lock(mutex_);
    drop_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !drop_; });
  }
  void refuse(Error error) {
    const std::scoped_lock lock(mutex_);
    refusals_.push_back(std::move(error));
  }
  void wait_until_open() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return is_open_; }));
  }
  [[nodiscard]] int connections() const {
    const std::scoped_lock lock(mutex_);
    return connections_;
  }
  [[nodiscard]] std::string url() const {
    const std::scoped_lock lock(mutex_);
    return url_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<net::ServerEvent> events_;
  std::vector<Error> refusals_;
  std::string url_;
  bool is_open_ = false;
  bool drop_ = false;
  int connections_ = 0;
};

class StreamConnectorTest : public testing::Test {
 protected:
  void make(std::string stream = "public", std::string token = "", std::optional<std::string> cursor = {}) {
    ApiOptions options;
    options.base_url = "https://example.social";
    options.token = std::move(token);
    api_.emplace(server_, budget_, options);
    StreamConnectorOptions wanted{StreamKind::parse(stream).value(), std::move(cursor)};
    wanted.live.try_web_socket = false;
    wanted.backoff.first = milliseconds(1);
    wanted.settle = milliseconds(30);
    wanted.save_cursor_every = milliseconds(0);
    wanted.retry_refused_after = std::chrono::hours(1);
    connector_.emplace(
        *api_, events_, sink_, clock_, [] { return 1.0; }, std::move(wanted),
        [this](const ConnectorHealth& health) {
          const std::scoped_lock lock(states_mutex_);
          states_.emplace_back(to_string(health.state));
        });
  }
  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { connector_->run(stop); });
  }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }
  template <typename Predicate>
  bool eventually(Predicate predicate) {
    for (int i = 0; i < 1'000; ++i) {
      if (predicate()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }
  void publish(int id) { server_.publish(std::to_string(id)); }
  void publish_live(int id) {
    publish(id);
    events_.send("update", status_json(std::to_string(id)));
  }

  SystemClock clock_;
  PretendServer server_;
  RequestBudget budget_{clock_};
  PlayedStream events_;
  KeepingSink sink_;
  std::optional<ApiClient> api_;
  std::optional<StreamConnector> connector_;
  std::mutex states_mutex_;
  std::vector<std::string> states_;
  std::jthread thread_;
};

TEST_F(StreamConnectorTest, misses_nothing_over_many_drops_and_brings_nothing_twice) {
  make();
  publish(100);
  start();
  int next = 101;
  for (int round = 0; round < 5; ++round) {
    events_.wait_until_open();
    for (int i = 0; i < 20; ++i) publish_live(next++);
    ASSERT_TRUE(eventually([&] { return sink_.ids().count(std::to_string(next - 1)) == 1; }));
    events_.drop();
    for (int i = 0; i < 130; ++i) publish(next++);  // more than three pages
  }
  ASSERT_TRUE(eventually([&] { return sink_.ids().size() == static_cast<std::size_t>(next - 100); }));
  stop();
  for (const auto& [id, times] : sink_.ids()) EXPECT_EQ(times, 1) << id;
  const auto health = connector_->health();
  EXPECT_EQ(health.state, ConnectorState::stopped);
  EXPECT_EQ(health.reconnects, 5U);
  EXPECT_GE(health.gap_events, 5U * 130U);
  EXPECT_EQ(health.events, static_cast<std::uint64_t>(next - 100));
  EXPECT_EQ(health.gaps_cut, 0U);
  EXPECT_EQ(events_.url(), "https://example.social/api/v1/streaming/public");
}

TEST_F(StreamConnectorTest, goes_on_where_the_last_run_came_to) {
  for (int id = 100; id < 400; ++id) publish(id);
  make("public", "", "250");
  start();
  ASSERT_TRUE(eventually([&] { return sink_.ids().count("399") == 1 && !sink_.cursors().empty(); }));
  stop();
  const auto ids = sink_.ids();
  for (int id = 251; id < 400; ++id) EXPECT_EQ(ids.count(std::to_string(id)), 1U) << id;
  EXPECT_EQ(sink_.cursors().back(), "399");
}

TEST_F(StreamConnectorTest, the_cursor_does_not_pass_a_gap_that_is_still_open) {
  for (int id = 100; id < 400; ++id) publish(id);
  make("public", "", "250");
  std::atomic<bool> broken = true;
  server_.on_request = [&](const net::HttpRequest& request) {
    if (broken && request.url.find("timelines") != std::string::npos)
      server_.fail_next(unavailable("for a while"));
  };
  start();
  events_.wait_until_open();
  publish_live(400);
  ASSERT_TRUE(eventually([&] { return sink_.ids().count("400") == 1; }));
  EXPECT_TRUE(sink_.cursors().empty())
      << "live events are handed on, but nothing says that all before them was";
  broken = false;
  ASSERT_TRUE(eventually([&] { return sink_.ids().count("399") == 1; }));
  ASSERT_TRUE(eventually([&] { return !sink_.cursors().empty(); }));
  stop();
  for (const auto& [id, times] : sink_.ids()) EXPECT_EQ(times, 1) << id;
}

TEST_F(StreamConnectorTest, a_sign_in_that_is_void_meanwhile_leaves_the_gap_open) {
  for (int id = 100; id < 400; ++id) publish(id);
  make("public", "", "250");
  std::atomic<bool> is_void = true;
  server_.on_request = [&](const net::HttpRequest& request) {
    if (is_void && request.url.find("timelines") != std::string::npos)
      server_.answer_next({401, {}, R"({"error":"The access token was revoked"})", ""});
  };
  start();
  events_.wait_until_open();
  publish_live(400);
  ASSERT_TRUE(eventually([&] { return connector_->health().gaps_cut == 1; }));
  ASSERT_TRUE(eventually([&] { return sink_.ids().count("400") == 1; }));
  // Neither while it runs nor at its end.
  events_.drop();
  events_.wait_until_open();
  stop();
  EXPECT_TRUE(sink_.cursors().empty());
  is_void = false;
  make("public", "", "250");
  start();
  ASSERT_TRUE(eventually([&] { return sink_.ids().count("399") == 1 && !sink_.cursors().empty(); }));
  stop();
  for (int id = 251; id <= 400; ++id) EXPECT_EQ(sink_.ids().count(std::to_string(id)), 1U) << id;
}

TEST_F(StreamConnectorTest, hands_on_edits_and_deletions_as_they_come) {
  make();
  publish(100);
  start();
  events_.wait_until_open();
  publish_live(101);
  events_.send("status.update", status_json("101", "edited"));
  events_.send("status.update", status_json("101", "edited"));
  events_.send("delete", "100");
  events_.send("delete", "100");
  ASSERT_TRUE(eventually([&] { return connector_->health().events >= 6; }));
  stop();
  int edits = 0;
  int deletions = 0;
  for (const auto& line : sink_.lines()) {
    edits += line.find(R"("event":"status.update")") != std::string::npos ? 1 : 0;
    deletions += line.find(R"("event":"delete","payload":"100")") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(edits, 2);
  EXPECT_EQ(deletions, 2);
}

TEST_F(StreamConnectorTest, a_guest_who_is_refused_is_told_to_sign_in_and_does_not_hammer) {
  make();
  events_.refuse(Error::of(ErrorKind::denied, "401"));
  start();
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  EXPECT_THAT(connector_->health().last_error,
              HasSubstr("linnet account add mastodon https://example.social"));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(events_.connections(), 1);
  stop();
}

TEST_F(StreamConnectorTest, a_stream_of_an_account_needs_one) {
  make("user");
  start();
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  EXPECT_THAT(connector_->health().last_error, HasSubstr("needs a signed-in account"));
  EXPECT_EQ(events_.connections(), 0);
  stop();
}

TEST_F(StreamConnectorTest, tries_again_after_errors_that_pass) {
  make();
  publish(100);
  for (int i = 0; i < 4; ++i) events_.refuse(unavailable("lost"));
  start();
  events_.wait_until_open();
  EXPECT_EQ(events_.connections(), 5);
  stop();
  const std::scoped_lock lock(states_mutex_);
  EXPECT_THAT(states_, testing::IsSupersetOf({"connecting", "backing_off", "live", "stopped"}));
}

TEST_F(StreamConnectorTest, ends_when_what_comes_in_cannot_be_stored) {
  make();
  publish(100);
  sink_.refuse(unavailable("the disk is full"));
  start();
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  thread_.join();  // by itself
  EXPECT_THAT(connector_->health().last_error, HasSubstr("the disk is full"));
}

// Takes the live 101 as slowly as a busy database, and keeps in which order it was given things.
class SlowSink final : public EventSink {
 public:
  Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) override {
    for (const auto& line : lines) {
      // What came live is kept as it came, text within a text.
      if (line.find(R"("id":"101")") == line.npos && line.find(R"(\"id\":\"101\")") == line.npos) continue;
      std::unique_lock lock(mutex_);
      was_given_ = true;
      changed_.notify_all();
      if (!cursor) changed_.wait_for(lock, milliseconds(400), [&] { return !cursors_.empty(); });
      has_taken_ = true;
    }
    const std::scoped_lock lock(mutex_);
    if (!cursor) return {};
    cursors_.push_back(*cursor);
    is_behind_ = is_behind_ || (!has_taken_ && !id_less(*cursor, "101"));
    changed_.notify_all();
    return {};
  }
  void wait_until_given() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return was_given_; });
  }
  // Whether a cursor lay behind what was not taken yet.
  [[nodiscard]] bool is_behind() const {
    const std::scoped_lock lock(mutex_);
    return is_behind_;
  }
  [[nodiscard]] bool has_cursor(const std::string& cursor) const {
    const std::scoped_lock lock(mutex_);
    return std::find(cursors_.begin(), cursors_.end(), cursor) != cursors_.end();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool was_given_ = false;
  bool has_taken_ = false;
  bool is_behind_ = false;
  std::vector<std::string> cursors_;
};

TEST_F(StreamConnectorTest, no_cursor_lies_behind_what_is_yet_to_be_taken) {
  publish(100);
  publish(101);
  SlowSink slow;
  ApiOptions options;
  options.base_url = "https://example.social";
  api_.emplace(server_, budget_, options);
  StreamConnectorOptions wanted{StreamKind::parse("public").value(), "100"};
  wanted.live.try_web_socket = false;
  wanted.settle = milliseconds(1);
  wanted.save_cursor_every = milliseconds(0);
  connector_.emplace(
      *api_, events_, slow, clock_, [] { return 1.0; }, std::move(wanted), nullptr);
  // The gap is looked at while the stream is handing the same status on.
  server_.on_request = [&](const net::HttpRequest& request) {
    if (request.url.find("/timelines/") != std::string::npos) slow.wait_until_given();
  };
  start();
  events_.wait_until_open();
  events_.send("update", status_json("101"));
  const bool has_come = eventually([&] { return slow.has_cursor("101"); });
  stop();
  EXPECT_TRUE(has_come);
  EXPECT_FALSE(slow.is_behind());
}

TEST_F(StreamConnectorTest, stops_at_once_whatever_it_is_doing) {
  make();
  publish(100);
  start();
  events_.wait_until_open();
  const auto before = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(2));
  make();
  for (int i = 0; i < 3; ++i) events_.refuse(Error::of(ErrorKind::denied, "no"));
  start();
  ASSERT_TRUE(eventually([&] { return connector_->health().state == ConnectorState::failed; }));
  const auto again = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - again, std::chrono::seconds(2));
}

}  // namespace
}  // namespace linnet::connect::mastodon
