#include "act/mention_opt_outs.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "govern/blocklist.hpp"
#include "kit/database_fixture.hpp"
#include "kit/two_servers.hpp"
#include "observe/ingest.hpp"
#include "observe/replay.hpp"

namespace linnet::act {
namespace {

using std::chrono::hours;

class MentionOptOuts : public test::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    if (IsSkipped()) return;
    test::add_two_servers(*writer_);
    blocklist_ = std::make_unique<govern::Blocklist>(**database_, *writer_, clock_);
    start_ingest();
  }
  void TearDown() override { ingest_.reset(); }
  void start_ingest() { ingest_ = observe::Ingest::start(**database_, *writer_, clock_, {}).value(); }

  // A post by Eve that mentions somebody.
  void post(const std::string& id, const std::string& words, const std::string& mentioned = "me",
            const std::string& server = "https://a.example", const std::string& name = "me",
            Duration ago = {}) {
    const auto instance = observe::find_or_add_instance(*writer_, server, "mastodon", clock_.now());
    const auto now = to_iso8601(clock_.now());
    const auto line = fmt::format(
        R"({{"received_at":"{0}","event":"update","payload":{{"id":"{1}","uri":"https://e.example/{1}",)"
        R"("created_at":"{2}","content":"<p>{3}</p>","replies_count":0,"reblogs_count":0,)"
        R"("favourites_count":0,"mentions":[{{"id":"{4}","acct":"{5}","username":"{5}"}}],)"
        R"("account":{{"id":"66","username":"eve","acct":"eve@e.example"}}}}}})",
        now, id, to_iso8601(clock_.now() - ago), words, mentioned, name);
    ASSERT_TRUE(ingest_->submit({{*instance, line}}));
    ASSERT_TRUE(ingest_->drain());
  }
  int follow() {
    int steps = 0;
    while (true) {
      const auto more = follow_mentions(
          **database_, *writer_, clock_,
          [this](const govern::PersonKey& who) -> Status {
            heard_.push_back(who);
            const auto cancelled = blocklist_->opt_out(who, "asked for it in a post", "the person");
            return cancelled ? Status() : cancelled.error();
          },
          2);
      EXPECT_TRUE(more) << more.error().message;
      if (!more || !*more) return steps;
      ++steps;
    }
  }
  std::vector<govern::BlocklistEntry> entries() { return blocklist_->all().value(); }
  std::int64_t number(const std::string& sql) {
    auto reader = (*database_)->reader();
    return store::query_integer(**reader, sql).value().value_or(-1);
  }
  void execute(const std::string& sql) {
    const auto done = writer_->write([&](store::Connection& connection) { return connection.execute(sql); });
    ASSERT_TRUE(done) << done.error().message;
  }

  ManualClock clock_{*parse_iso8601("2026-08-02T00:00:00Z")};
  std::vector<govern::PersonKey> heard_;
  std::unique_ptr<govern::Blocklist> blocklist_;
  std::unique_ptr<observe::Ingest> ingest_;
};

TEST_P(MentionOptOuts, AreHeededOnce) {
  follow();
  post("1", "@me Please stop");
  follow();
  ASSERT_EQ(entries().size(), 1);
  EXPECT_EQ(entries().front().value, "66");
  EXPECT_EQ(entries().front().server, "a.example");
  EXPECT_EQ(entries().front().address, "eve@e.example");
  EXPECT_EQ(entries().front().added_by, govern::AddedBy::opt_out);
  // Eve takes it back; the old post does not undo that, on whichever server it is seen, a new one does.
  ASSERT_TRUE(blocklist_->remove(entries().front().id, "Eve", true));
  post("91", "@me hello");
  ASSERT_TRUE(writer_->write([](store::Connection& connection) {
    return store::run(
        connection,
        "UPDATE posts SET uri = 'https://e.example/1', content_text = '@me stop' WHERE id = '91'");
  }));
  follow();
  EXPECT_TRUE(entries().empty());
  post("2", "@me stop");
  follow();
  EXPECT_EQ(entries().size(), 1);
}

// Numbers of posts mean others then.
TEST_P(MentionOptOuts, WhatAReplayNumbersAnewMeanwhileIsLookedAtAgain) {
  follow();
  post("1", "@me stop");
  ingest_.reset();
  bool is_replayed = false;
  const auto looked = follow_mentions(
      **database_, *writer_, clock_,
      [&](const govern::PersonKey&) -> Status {
        const auto replayed =
            observe::replay(**database_, *writer_, {}, [](EventId, EventId) { return Status(); });
        is_replayed = replayed.ok();
        return unavailable("not now");
      },
      10);
  ASSERT_TRUE(looked) << looked.error().message;
  ASSERT_TRUE(is_replayed);
  EXPECT_EQ(number("SELECT COUNT(*) FROM projection_marks WHERE name = 'mentions'"), 0);
  EXPECT_EQ(number("SELECT COUNT(*) FROM waiting_opt_outs"), 0);
  follow();
  EXPECT_EQ(entries().size(), 1U);
}

TEST_P(MentionOptOuts, AreHeededAlsoAfterAClockThatWasAhead) {
  follow();
  clock_.set(clock_.now() - hours(24 * 90));
  post("1", "@me stop");
  follow();
  EXPECT_EQ(heard_.size(), 1U);
}

TEST_P(MentionOptOuts, OneThatFailsHoldsUpNoOtherAndIsTriedAgain) {
  follow();
  post("1", "@me stop");
  post("2", "@me stop!");
  post("3", "@me please stop");
  int asked = 0;
  // However it fails, and for however long.
  const auto failing = [&](const govern::PersonKey&) -> Status {
    return ++asked == 1 ? Status(Error::of(ErrorKind::corrupt, "a page of it is damaged")) : Status();
  };
  ASSERT_TRUE(follow_mentions(**database_, *writer_, clock_, failing, 2));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(number("SELECT tries FROM waiting_opt_outs"), 1);
  ASSERT_TRUE(follow_mentions(**database_, *writer_, clock_, failing, 2));
  EXPECT_EQ(asked, 3) << "the posts behind it are looked at";
  follow();
  EXPECT_TRUE(heard_.empty()) << "not at once";
  clock_.advance(hours(1));
  follow();
  EXPECT_EQ(heard_.size(), 1U);
  EXPECT_EQ(number("SELECT count(*) FROM waiting_opt_outs"), 0);
  clock_.advance(hours(2));
  follow();
  EXPECT_EQ(heard_.size(), 1U);
}

TEST_P(MentionOptOuts, WhatWaitsIsDroppedWithItsPost) {
  follow();
  post("1", "@me stop");
  ASSERT_TRUE(follow_mentions(
      **database_, *writer_, clock_,
      [](const govern::PersonKey&) -> Status { return unavailable("not now"); }, 10));
  EXPECT_EQ(number("SELECT count(*) FROM waiting_opt_outs"), 1);
  execute("DELETE FROM posts");
  clock_.advance(hours(1));
  follow();
  EXPECT_TRUE(heard_.empty());
  EXPECT_EQ(number("SELECT count(*) FROM waiting_opt_outs"), 0);
}

TEST_P(MentionOptOuts, WhatWaitsIsFoundAgainWhenPostsAreNumberedAnew) {
  follow();
  post("1", "@me stop");
  ASSERT_TRUE(follow_mentions(
      **database_, *writer_, clock_,
      [](const govern::PersonKey&) -> Status { return unavailable("not now"); }, 10));
  ingest_.reset();
  ASSERT_TRUE(observe::replay(**database_, *writer_, {}, {}));
  start_ingest();
  follow();
  EXPECT_EQ(heard_.size(), 1U);
  EXPECT_EQ(number("SELECT count(*) FROM waiting_opt_outs"), 0);
}

TEST_P(MentionOptOuts, AreHeededOnceAlsoWhenPostsAreNumberedAnew) {
  follow();
  post("1", "@me stop");
  post("2", "@other stop", "44", "https://a.example", "other");
  follow();
  ASSERT_EQ(heard_.size(), 1);
  ASSERT_TRUE(blocklist_->remove(entries().front().id, "Eve", true));
  ingest_.reset();
  ASSERT_TRUE(observe::replay(**database_, *writer_, {}, {}));
  start_ingest();
  EXPECT_GT(follow(), 0) << "all are looked at again";
  EXPECT_EQ(heard_.size(), 1);
  post("3", "@me stop");
  follow();
  EXPECT_EQ(heard_.size(), 2);
}

TEST_P(MentionOptOuts, OfTheTimeBeforeAreThePast) {
  post("1", "@me stop");
  follow();
  post("2", "@me stop", "me", "https://a.example", "me", hours(1));
  follow();
  EXPECT_TRUE(heard_.empty()) << "from before it was listened to";
  clock_.advance(hours(3));
  execute(fmt::format("UPDATE accounts SET created_at = {} WHERE id = 'on-a'", to_micros(clock_.now())));
  post("3", "@me stop", "me", "https://a.example", "me", hours(1));
  follow();
  EXPECT_TRUE(heard_.empty()) << "from before the account was there";
  post("4", "@me stop");
  follow();
  EXPECT_EQ(heard_.size(), 1);
}

TEST_P(MentionOptOuts, AreWhatIsSaidToUsAndNothingElse) {
  follow();
  post("1", "@other stop", "44", "https://a.example", "other");
  post("2", "@me don't stop");
  post("3", "@me@far.example stop", "45", "https://a.example", "me@far.example");
  follow();
  EXPECT_TRUE(heard_.empty());
  EXPECT_TRUE(entries().empty());
  // On a server where the account is somebody else's number, the address tells.
  post("4", "@me stop", "1001", "https://b.example", "me@a.example");
  follow();
  ASSERT_EQ(heard_.size(), 1);
  EXPECT_EQ(heard_.front().server, "b.example");
}

TEST_P(MentionOptOuts, AreLookedForInManyPostsStepByStep) {
  follow();
  for (int i = 0; i < 7; ++i) post(std::to_string(i), "@other hi", "44", "https://a.example", "other");
  post("8", "@me stop");
  EXPECT_EQ(follow(), 4);
  EXPECT_EQ(heard_.size(), 1);
  EXPECT_EQ(follow(), 0);
  execute("DELETE FROM accounts");
  for (int i = 10; i < 17; ++i) post(std::to_string(i), "@me stop");
  EXPECT_EQ(follow(), 1) << "nobody to be mentioned";
}

TEST_P(MentionOptOuts, AreHeardOfADidWhereverItIsNamed) {
  follow();
  execute(
      R"(INSERT INTO instances (base_url, platform, created_at)
         VALUES ('https://pds.example', 'bluesky', 0), ('https://bsky.social', 'bluesky', 0))");
  execute(
      R"(INSERT INTO accounts (id, platform, instance_id, platform_user_id, username, created_at,
           updated_at)
         SELECT 'sky', 'bluesky', id, 'did:plc:me', 'me.test', 0, 0 FROM instances
         WHERE base_url = 'https://pds.example')");
  const auto said = [&](const std::string& id, const std::string& did, const std::string& handle) {
    execute(fmt::format(
        R"(INSERT INTO posts (instance_id, id, account_id, created_at, discovered_at, last_extracted_at,
             content_type, counts_at, replies_count, reblogs_count, favourites_count, engagement_score,
             version_seq, valid_from, content_hash, content_text)
           SELECT id, '{0}', 'did:plc:eve', {1}, {1}, {1}, 'text', 0, 0, 0, 0, 0, 1, 0, 0, '@{3} stop'
           FROM instances
           WHERE base_url = 'https://bsky.social'; INSERT INTO post_mentions (instance_id, post_id,
             account_id, acct)
           SELECT id, '{0}', '{2}', '{3}' FROM instances
           WHERE base_url = 'https://bsky.social')",
        id, to_micros(clock_.now()), did, handle));
  };
  said("at://did:plc:eve/app.bsky.feed.post/1", "did:plc:other", "me.test");
  follow();
  EXPECT_TRUE(heard_.empty()) << "anybody may put the handle there";
  said("at://did:plc:eve/app.bsky.feed.post/2", "did:plc:me", "whatever.test");
  follow();
  ASSERT_EQ(heard_.size(), 1);
  EXPECT_EQ(heard_.front().user_id, "did:plc:eve");
  EXPECT_EQ(heard_.front().server, "");
}

INSTANTIATE_TEST_SUITE_P(Engines, MentionOptOuts,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::act
