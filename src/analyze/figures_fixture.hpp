// Random posts in a database of either engine, for tests that count over them.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "base/instant.hpp"
#include "kit/test_database.hpp"
#include "store/writer.hpp"

namespace linnet::analyze {

using std::chrono::hours;
using std::chrono::minutes;
using store::Engine;

inline const Instant kNow = *parse_iso8601("2026-08-10T12:34:56Z");

struct SnapshotSketch {
  int minute = 0;  // after creation
  int favourites = 0;
};

struct PostSketch {
  int instance = 1;
  int minutes_ago = 0;
  int account = 0;
  bool is_deleted = false;
  std::vector<std::string> tags;
  std::vector<SnapshotSketch> snapshots;
  [[nodiscard]] Instant created_at() const { return kNow - minutes(minutes_ago); }
};

inline PostSketch any_post(std::minstd_rand& random) {
  PostSketch post;
  post.instance = 1 + static_cast<int>(random() % 2);
  post.minutes_ago = static_cast<int>(random() % 5 == 0 ? random() % 4'000 : random() % 300);
  post.account = static_cast<int>(random() % 12);
  post.is_deleted = random() % 9 == 0;
  for (const auto* name : {"books", "cats", "köln", "日本", "art", "bread"}) {
    if (random() % 3 == 0) post.tags.emplace_back(name);
  }
  int minute = 0;
  int favourites = static_cast<int>(random() % 50);
  const auto snapshots = 1 + random() % 4;
  for (std::size_t i = 0; i < snapshots; ++i) {
    post.snapshots.push_back({minute, favourites});
    minute += 1 + static_cast<int>(random() % 90);
    favourites = std::max(0, favourites + static_cast<int>(random() % 90) - 20);
  }
  return post;
}

class FiguresFixture : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    begin_anew();
  }

  void begin_anew() {
    writer_.reset();
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    auto writer = store::Writer::start(**database_);
    ASSERT_TRUE(writer);
    writer_ = std::move(*writer);
    posts_.clear();
    write([](store::Connection& connection) -> Status {
      for (const auto* url : {"https://one.example", "https://two.example"}) {
        LINNET_CHECK(store::run(connection, "INSERT INTO instances (base_url, created_at) VALUES ($1, 0)",
                                {std::string_view(url)}));
      }
      for (int account = 0; account < 12; ++account) {
        for (std::int64_t instance : {1, 2}) {
          LINNET_CHECK(store::run(
              connection,
              R"(INSERT INTO platform_users (instance_id, id, username, acct, domain, discovered_at,
                   last_seen_at, last_updated_at)
                 VALUES ($1, $2, 'u', $3, $4, 0, 0, 0))",
              {instance, std::string_view(std::to_string(account)),
               std::string_view(fmt::format("u{}", account)),
               // One server, whichever way it is written.
               account % 6 == 0   ? store::Value(std::string_view("bücher.example"))
               : account % 3 == 0 ? store::Value(std::string_view("xn--bcher-kva.example"))
                                  : store::Value()}));
        }
      }
      return {};
    });
  }

  void write(const store::Writer::Work& work) {
    const auto status = writer_->write(work);
    ASSERT_TRUE(status) << status.error().message;
  }

  static std::string json(const std::vector<std::string>& tags) {
    std::string list;
    for (const auto& tag : tags) list += fmt::format("{}\"{}\"", list.empty() ? "" : ",", tag);
    return "[" + list + "]";
  }

  void insert(const PostSketch& post) {
    const auto id = std::to_string(1'000 + posts_.size());
    posts_.push_back(post);
    write([&](store::Connection& connection) -> Status {
      const auto created = to_micros(post.created_at());
      const auto tags = json(post.tags);
      LINNET_CHECK(store::run(
          connection,
          R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at,
               last_extracted_at, content_type, counts_at, replies_count, reblogs_count, favourites_count,
               engagement_score, version_seq, valid_from, content_hash, content_text, hashtags, deleted_at)
             VALUES ($1, $2, $3, $4, $4, $4, 'text', $4, 0, 0, $5, $6, 1, $4, 0, 'text', $7, $8))",
          {std::int64_t{post.instance}, std::string_view(id), std::string_view(std::to_string(post.account)),
           created, std::int64_t{post.snapshots.back().favourites},
           2 * std::int64_t{post.snapshots.back().favourites},
           post.tags.empty() ? store::Value() : store::Value(std::string_view(tags)),
           post.is_deleted ? store::Value(created) : store::Value()}));
      for (const auto& tag : post.tags) LINNET_CHECK(insert_tag(connection, post, id, tag));
      int before = 0;
      for (const auto& snapshot : post.snapshots) {
        LINNET_CHECK(
            store::run(connection,
                       R"(INSERT INTO post_metric_snapshots (instance_id, post_id, captured_at,
                            replies_count, reblogs_count, favourites_count, engagement_score,
                            replies_gained, reblogs_gained, favourites_gained, is_first)
                          VALUES ($1, $2, $3, 0, 0, $4, 0, 0, 0, $5, $6))",
                       {std::int64_t{post.instance}, std::string_view(id),
                        to_micros(post.created_at() + minutes(snapshot.minute)),
                        std::int64_t{snapshot.favourites}, std::int64_t{snapshot.favourites - before},
                        std::int64_t{&snapshot == &post.snapshots.front()}}));
        before = snapshot.favourites;
      }
      return {};
    });
  }

  static Status insert_tag(store::Connection& connection, const PostSketch& post, std::string_view id,
                           std::string_view tag) {
    const auto number =
        static_cast<std::int64_t>(std::hash<std::string_view>{}(tag) % 100'000) * 10 + post.instance;
    LINNET_CHECK(store::run(
        connection, "INSERT INTO hashtags (id, instance_id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        {number, std::int64_t{post.instance}, tag}));
    return store::run(
        connection,
        "INSERT INTO post_hashtags (instance_id, hashtag_id, created_at, post_id) VALUES ($1, $2, $3, $4)",
        {std::int64_t{post.instance}, number, to_micros(post.created_at()), id});
  }

  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::vector<PostSketch> posts_;
};

}  // namespace linnet::analyze
