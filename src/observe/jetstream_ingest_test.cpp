// Bluesky's stream in the tables: posts, edits, deletions, handles, accounts that go; and that reading any
// part of the stream again changes nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "connect/bluesky/fake_jetstream.hpp"
#include "connect/bluesky/jetstream_connector.hpp"
#include "kit/test_database.hpp"
#include "observe/check.hpp"
#include "observe/digest.hpp"
#include "observe/event_log.hpp"
#include "observe/ingest_sink.hpp"
#include "observe/person_erasure.hpp"
#include "observe/replay.hpp"

namespace linnet::observe {
namespace {

namespace bluesky = connect::bluesky;
using bluesky::FakePost;
using bluesky::post_message;
using store::Engine;

constexpr std::int64_t kNoon = 1'785'585'600'000'000;  // 2026-08-01T12:00:00Z

class JetstreamIngestTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    begin_anew();
  }
  void TearDown() override { end(); }

  void begin_anew() {
    end();
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    open();
  }
  void open() {
    writer_ = store::Writer::start(**database_).value();
    instance_ = find_or_add_instance(*writer_, "https://bsky.social", "bluesky", clock_.now()).value();
    ingest_ = Ingest::start(**database_, *writer_, clock_, {}).value();
  }
  void end() {
    ingest_.reset();
    writer_.reset();
  }

  // As the connector does, with a memory of its own: like one that was started anew.
  void take(const std::vector<std::string>& messages, const std::vector<std::string>& streams = {"public"}) {
    bluesky::StoredPosts known(**database_, instance_);
    bluesky::JetstreamSieve sieve(known);
    bluesky::JetstreamReader reader;
    bluesky::Interest interest;
    for (const auto& stream : streams) ASSERT_TRUE(interest.add(stream).ok());
    IngestSink sink(*ingest_, instance_, "jetstream");
    for (const auto& text : messages) {
      bluesky::JetstreamMessage message;
      const auto error = reader.read(text, message);
      ASSERT_FALSE(error) << *error;
      auto lines = sieve.sift(message, text, interest);
      ASSERT_TRUE(lines.ok()) << lines.error().message;
      if (lines->empty()) continue;
      ASSERT_TRUE(sink.accept(std::move(*lines), std::nullopt).ok());
    }
    const auto drained = ingest_->drain();
    ASSERT_TRUE(drained.ok()) << drained.error().message;
  }

  std::string text(std::string_view sql) {
    auto reader = (*database_)->reader();
    return store::query_text(**reader, sql).value().value_or("(null)");
  }
  std::int64_t number(std::string_view sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(-1);
  }
  std::string digest() {
    auto reader = (*database_)->reader();
    return digest_projections(**reader)->sha256;
  }
  void expect_sound() {
    auto reader = (*database_)->reader();
    const auto findings = check_projections(**reader);
    ASSERT_TRUE(findings.ok());
    for (const auto& finding : *findings) EXPECT_EQ(finding.differing, 0) << finding.name;
  }

  ManualClock clock_{*parse_iso8601("2026-08-02T00:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<Ingest> ingest_;
  InstanceId instance_{};
};

INSTANTIATE_TEST_SUITE_P(Engines, JetstreamIngestTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(JetstreamIngestTest, a_post_its_edit_and_its_deletion) {
  FakePost post{.time_us = kNoon, .text = "one", .tag = "Books"};
  take({post_message(post)});
  EXPECT_EQ(text("SELECT content_text FROM posts"), "one #Books");
  EXPECT_EQ(text("SELECT id FROM posts"), uri_of(post));
  EXPECT_EQ(number("SELECT discovered_at FROM posts"), kNoon) << "when it happened, whenever it was read";
  EXPECT_EQ(text("SELECT name FROM hashtags"), "books");
  post.text = "two";
  post.operation = "update";
  post.time_us += 60'000'000;
  take({post_message(post)});
  EXPECT_EQ(number("SELECT version_seq FROM posts"), 2);
  EXPECT_EQ(number("SELECT edited_at FROM posts"), post.time_us);
  EXPECT_EQ(number("SELECT count(*) FROM post_metric_snapshots"), 1) << "an edit tells no counts";
  EXPECT_EQ(text("SELECT content_text FROM post_past_versions"), "one #Books");
  post.operation = "delete";
  post.time_us += 60'000'000;
  take({post_message(post)});
  EXPECT_EQ(number("SELECT deleted_at FROM posts"), post.time_us);
  expect_sound();
}

TEST_P(JetstreamIngestTest, a_handle_names_an_account_and_posts_do_not_take_it_away) {
  FakePost post{.time_us = kNoon};
  take({post_message(post)});
  EXPECT_EQ(text("SELECT acct FROM platform_users"), post.did);
  take({bluesky::identity_message(post.did, "ada.example.com", kNoon + 1'000)});
  EXPECT_EQ(text("SELECT acct FROM platform_users"), "ada.example.com");
  post.key = "another";
  post.time_us += 2'000;
  take({post_message(post)});
  EXPECT_EQ(text("SELECT acct FROM platform_users"), "ada.example.com");
  EXPECT_EQ(number("SELECT last_seen_at FROM platform_users"), post.time_us);
  take({bluesky::identity_message(post.did, "ada.new.example", kNoon + 3'000)});
  EXPECT_EQ(text("SELECT username FROM platform_users"), "ada.new.example");
}

TEST_P(JetstreamIngestTest, an_account_that_is_gone_takes_its_posts_along_and_no_later_ones) {
  std::vector<std::string> messages;
  for (int i = 0; i < 5; ++i)
    messages.push_back(post_message({.key = fmt::format("k{}", i), .time_us = kNoon + i * 1'000}));
  messages.push_back(post_message({.did = "did:plc:bob", .time_us = kNoon + 6'000}));
  messages.push_back(bluesky::account_message("did:plc:ada", "suspended", kNoon + 7'000));
  take(messages);
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL"), 0);
  const auto gone = bluesky::account_message("did:plc:ada", "takendown", kNoon + 8'000);
  take({gone});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL"), 5);
  take({post_message({.key = "back", .time_us = kNoon + 9'000}), gone});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL"), 5) << "it came back since";
}

TEST_P(JetstreamIngestTest, an_account_that_is_back_has_its_posts_again) {
  const auto post = [](int i) {
    return post_message({.key = fmt::format("k{}", i), .time_us = kNoon + i * 1'000});
  };
  FakePost deleted{.key = "k1", .time_us = kNoon + 4'000, .operation = "delete"};
  const auto gone = bluesky::account_message("did:plc:ada", "takendown", kNoon + 5'000);
  const auto back = bluesky::account_message("did:plc:ada", "", kNoon + 6'000);
  take({post(1), post(2), post(3), post_message(deleted)});
  take({gone});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NULL"), 0);
  take({back});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NULL"), 2);
  EXPECT_EQ(text("SELECT id FROM posts WHERE deleted_at IS NOT NULL"), uri_of(deleted));
  take({gone});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NULL"), 2) << "that is over";
  // Both within one batch, before the tables know of either.
  const auto again = bluesky::account_message("did:plc:ada", "takendown", kNoon + 7'000);
  take({again, bluesky::account_message("did:plc:ada", "", kNoon + 8'000)});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NULL"), 2);
  expect_sound();
}

TEST_P(JetstreamIngestTest, what_is_deleted_while_the_account_is_taken_down_stays_deleted) {
  take({post_message({.key = "k1", .time_us = kNoon})});
  take({bluesky::account_message("did:plc:ada", "takendown", kNoon + 5'000)});
  take({bluesky::account_message("did:plc:ada", "deleted", kNoon + 6'000)});
  take({bluesky::account_message("did:plc:ada", "", kNoon + 7'000)});
  EXPECT_EQ(number("SELECT count(*) FROM posts WHERE deleted_at IS NULL"), 0);
}

TEST_P(JetstreamIngestTest, a_person_who_is_erased_is_in_neither_log_nor_tables) {
  const auto facets = R"("facets":[{"index":{"byteStart":0,"byteEnd":4},"features":[{"$type":)"
                      R"("app.bsky.richtext.facet#mention","did":"did:plc:ada"}]}])";
  const auto answer = fmt::format(
      R"({{"did":"did:plc:bob","time_us":{},"kind":"commit","commit":{{"operation":"create","collection":)"
      R"("app.bsky.feed.post","rkey":"answer","record":{{"text":"@ada yes",{},"reply":{{"parent":{{"uri":)"
      R"("at://did:plc:ada/app.bsky.feed.post/one"}}}}}}}}}})",
      kNoon + 2'000, facets);
  take({post_message({.key = "one", .time_us = kNoon, .tag = "books"}),
        bluesky::identity_message("did:plc:ada", "ada.example.com", kNoon + 1'000), answer,
        post_message({.did = "did:plc:adam", .key = "other", .time_us = kNoon + 3'000}),
        post_message({.key = "two", .time_us = kNoon + 4'000}),
        post_message({.key = "two", .time_us = kNoon + 5'000, .operation = "delete"})});
  EXPECT_EQ(number("SELECT count(*) FROM post_mentions"), 1);
  auto reader = std::make_unique<Result<store::Reader>>((*database_)->reader());
  const auto person = find_person(***reader, "ada.example.com");
  reader.reset();
  ASSERT_TRUE(person.ok());
  ASSERT_EQ(person->accounts.size(), 1U);
  ingest_.reset();
  const auto erased = erase_observed(**database_, *writer_, *person);
  ASSERT_TRUE(erased.ok()) << erased.error().message;
  EXPECT_EQ(number("SELECT count(*) FROM posts"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM post_mentions"), 0);
  EXPECT_EQ(text("SELECT in_reply_to_id FROM posts WHERE account_id = 'did:plc:bob'"), "erased");
  const auto left = digest();
  expect_sound();
  const auto replayed = replay(**database_, *writer_, {}, {});
  ASSERT_TRUE(replayed.ok()) << replayed.error().message;
  EXPECT_EQ(replayed->digest.sha256, left);
  auto log = (*database_)->connect(store::Part::log).value();
  int lines = 0;
  ASSERT_TRUE(read_events(*log, EventId(1), EventId(100), [&](const LoggedEvent& event) -> Status {
                ++lines;
                EXPECT_EQ(event.line.find("\"did:plc:ada\""), std::string_view::npos) << event.line;
                EXPECT_EQ(event.line.find("at://did:plc:ada/"), std::string_view::npos) << event.line;
                return {};
              }).ok());
  EXPECT_EQ(lines, 6);
}

// Few accounts, keys and tags, so that much happens to each.
std::vector<std::string> random_stream(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < count; ++i) {
    FakePost post;
    post.did = fmt::format("did:plc:{}", below(4));
    post.key = fmt::format("key{}", below(8));
    post.time_us = kNoon + static_cast<std::int64_t>(i) * 250'000;
    post.text = fmt::format("text {}", below(5));
    if (below(3) != 0) post.tag = fmt::format("tag{}", below(3));
    const auto dice = below(20);
    if (dice < 2) {
      const char* const states[] = {"deleted", "takendown", "takendown", "", ""};
      messages.push_back(bluesky::account_message(post.did, states[below(5)], post.time_us));
    } else if (dice < 4) {
      messages.push_back(
          bluesky::identity_message(post.did, fmt::format("h{}.example", below(3)), post.time_us));
    } else {
      post.operation = dice < 12 ? "create" : dice < 17 ? "update" : "delete";
      messages.push_back(post_message(post));
    }
  }
  return messages;
}

TEST_P(JetstreamIngestTest, reading_any_part_of_the_stream_again_gives_the_same_tables) {
  const int rounds = GetParam() == Engine::sqlite ? 25 : 5;
  for (int round = 0; round < rounds; ++round) {
    begin_anew();
    const auto seed = static_cast<std::uint64_t>(round) + 1;
    const auto streams = round % 2 == 0 ? std::vector<std::string>{"public"}
                                        : std::vector<std::string>{"hashtag:tag1", "account:did:plc:2"};
    const auto messages = random_stream(seed, 120);
    take(messages, streams);
    const auto once = digest();
    expect_sound();
    std::mt19937_64 random(seed);
    for (int window = 0; window < 6; ++window) {
      const auto begin = static_cast<std::ptrdiff_t>(random() % messages.size());
      const auto left = messages.size() - static_cast<std::size_t>(begin);
      const auto end = window % 2 == 0 ? static_cast<std::ptrdiff_t>(messages.size())
                                       : begin + static_cast<std::ptrdiff_t>(random() % left + 1);
      take({messages.begin() + begin, messages.begin() + end}, streams);
      ASSERT_EQ(digest(), once) << "seed " << seed << ", from " << begin << " to " << end;
    }
    const auto replayed = replay(**database_, *writer_, {}, {});
    ASSERT_TRUE(replayed.ok()) << replayed.error().message;
    ASSERT_EQ(replayed->digest.sha256, once) << "seed " << seed;
  }
}

// Takes so many batches, then nothing more: what the connector holds is lost, as in a crash.
class FailingSink final : public connect::EventSink {
 public:
  FailingSink(connect::EventSink& sink, int batches) : sink_(sink), left_(batches) {}
  Status accept(std::vector<std::string> lines, std::optional<std::string> cursor) override {
    if (left_-- <= 0) return unavailable("the power is gone");
    return sink_.accept(std::move(lines), std::move(cursor));
  }

 private:
  connect::EventSink& sink_;
  int left_;
};

TEST_P(JetstreamIngestTest, a_connector_that_dies_and_is_started_again_loses_and_doubles_nothing) {
  constexpr int kPosts = 300;
  const auto id = bluesky::jetstream_id("https://bsky.social");
  const auto start = to_micros(std::chrono::floor<Duration>(std::chrono::system_clock::now())) - 60'000'000;
  bluesky::FakeJetstream server;
  SystemClock clock;
  bluesky::Interest interest;
  ASSERT_TRUE(interest.add("public").ok());
  for (int i = 0; i < kPosts; ++i)
    server.publish(post_message({.key = fmt::format("k{:04}", i), .time_us = start + i * 1'000}));
  ASSERT_TRUE(ingest_->submit_durably({}, Cursor{id, std::to_string(start)}).ok());
  int runs = 0;
  for (; runs < 200 && number("SELECT count(*) FROM posts") < kPosts; ++runs) {
    bluesky::StoredPosts known(**database_, instance_);
    IngestSink sink(*ingest_, instance_, id);
    FailingSink failing(sink, runs % 20);
    bluesky::JetstreamOptions options;
    options.servers = {server.url()};
    {
      auto reader = (*database_)->reader();
      options.cursor = load_cursor(**reader, id).value();
    }
    options.batch = 7;
    options.hand_on_after = std::chrono::seconds(1);
    options.save_cursor_every = std::chrono::milliseconds(1);
    options.overlap = std::chrono::milliseconds(5);
    bluesky::JetstreamConnector connector("https://bsky.social", failing, known, clock, [] { return 0.0; },
                                          interest, options, {});
    std::jthread thread([&](const std::stop_token& stop) { connector.run(stop); });
    for (int i = 0; i < 500 && connector.health().state != connect::ConnectorState::failed &&
                    number("SELECT count(*) FROM posts") < kPosts;
         ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    thread.request_stop();
    thread.join();
    ASSERT_TRUE(ingest_->drain().ok());
  }
  EXPECT_GT(runs, 2);
  EXPECT_EQ(number("SELECT count(*) FROM posts"), kPosts);
  EXPECT_EQ(number("SELECT count(*) FROM post_metric_snapshots"), kPosts);
  expect_sound();
}

}  // namespace
}  // namespace linnet::observe
