// A made-up Mastodon stream that looks like a real day: people who post more and less, hashtags that rise and
// fall, edits, deletions and counts that grow. For `linnet demo` and the benchmarks; the same seed gives the
// same events.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "base/instant.hpp"

namespace linnet::app {

struct SampleOptions {
  std::uint64_t seed = 1;
  Instant start{};                                 // received_at of the first event
  Duration step = std::chrono::milliseconds(360);  // between events: 360 ms is 10,000 an hour
  std::size_t accounts = 40'000;
  std::size_t hashtags = 20'000;
  bool payload_as_text = true;  // as the live stream sends it; false: as an object
};

class SampleStream {
 public:
  explicit SampleStream(const SampleOptions& options);

  // The next event as one line; its received_at is `now()`.
  void next(std::string& line);
  [[nodiscard]] Instant now() const { return now_; }
  // From the next event on.
  void set_step(Duration step) { options_.step = step; }

 private:
  struct Post {
    std::uint64_t id;
    std::size_t account;
    Instant created_at;
    std::vector<std::size_t> tags;
    std::uint64_t text_seed;
    int edits = 0;
    double appeal;  // how fast it gathers favourites
    std::int64_t favourites = 0, reblogs = 0, replies = 0;
    Instant edited_at{};
    bool is_deleted = false;
    std::uint64_t in_reply_to = 0;
  };

  Post new_post();
  void grow(Post& post);
  Post& recent_post();
  std::size_t pick(const std::vector<double>& cumulative);
  std::vector<std::size_t> pick_tags();
  void write_status(const Post& post, std::string& out);
  void write_account(std::size_t account, std::string& out);
  std::string content_of(const Post& post);
  void write_event(std::string_view kind, const std::string& payload, std::string& line);

  SampleOptions options_;
  std::mt19937_64 random_;
  Instant now_;
  std::uint64_t event_ = 0;
  std::vector<double> account_weights_;  // cumulative Zipf
  std::vector<double> tag_weights_;
  std::deque<Post> recent_;
  std::string payload_;
};

}  // namespace linnet::app
