// What the memory of hashtags holds after reads that failed: as if they had not.
#include "analyze/tag_activity.hpp"

#include <gmock/gmock.h>

#include "analyze/figures_fixture.hpp"
#include "kit/watched_reader.hpp"

namespace linnet::analyze {
namespace {

// Fails what reads by a condition, until it is told not to.
struct FailingReader : test::WatchedReader {
  explicit FailingReader(store::Connection& reader)
      : WatchedReader(reader, [this](std::string_view sql) -> Status {
          if (!fails_at.empty() && sql.find(fails_at) != std::string_view::npos)
            return unavailable("the server is away");
          return {};
        }) {}

  std::string fails_at;
};

class TagActivityTest : public FiguresFixture {
 protected:
  PostSketch tagged_post(int minutes_ago) {
    PostSketch post;
    post.minutes_ago = minutes_ago;
    post.tags = {"books"};
    post.snapshots = {{0, 1}};
    return post;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, TagActivityTest, testing::Values(Engine::sqlite, Engine::postgres),
                         test::engine_name);

TEST_P(TagActivityTest, AFillingThatFailedIsDoneTheNextTime) {
  insert(tagged_post(10));
  auto pooled = (*database_)->reader();
  FailingReader reader(**pooled);
  TagActivity activity;
  for (const auto* const place : {"max(row_number)", "FROM instances", "created_at >= $2"}) {
    reader.fails_at = place;
    EXPECT_FALSE(activity.advance(reader, kNow)) << place;
  }
  reader.fails_at.clear();
  ASSERT_TRUE(activity.advance(reader, kNow));
  EXPECT_EQ(activity.uses(), 1U);

  write([](store::Connection& connection) {
    return connection.execute("UPDATE posts SET hashtags = '[\"books\",\"bread\"]'");
  });
  activity.forget();
  reader.fails_at = "max(row_number)";
  EXPECT_FALSE(activity.advance(reader, kNow));
  reader.fails_at.clear();
  ASSERT_TRUE(activity.advance(reader, kNow));
  EXPECT_EQ(activity.uses(), 2U) << "it was told to forget";
}

TEST_P(TagActivityTest, ChangesThatCouldNotBeReadAreReadTheNextTime) {
  insert(tagged_post(10));
  insert(tagged_post(20));
  auto pooled = (*database_)->reader();
  FailingReader reader(**pooled);
  TagActivity activity;
  ASSERT_TRUE(activity.advance(reader, kNow));
  ASSERT_EQ(activity.uses(), 2U);
  std::vector<std::string> ids;
  ASSERT_TRUE(store::for_each_row(**pooled, "SELECT id FROM posts", {},
                                  [&](const store::Statement& row) { ids.emplace_back(row.text(0)); }));
  write([](store::Connection& connection) { return connection.execute("UPDATE posts SET hashtags = NULL"); });
  for (const auto& id : ids) activity.note_changed(InstanceId(1), id);
  reader.fails_at = "id = $2";
  EXPECT_FALSE(activity.advance(reader, kNow));
  reader.fails_at.clear();
  ASSERT_TRUE(activity.advance(reader, kNow));
  EXPECT_EQ(activity.uses(), 0U);
}

TEST_P(TagActivityTest, TooManyChangesAreForgottenForOneFilling) {
  insert(tagged_post(10));
  auto pooled = (*database_)->reader();
  FailingReader reader(**pooled);
  TagActivity activity;
  ASSERT_TRUE(activity.advance(reader, kNow));
  reader.fails_at = "id = $2";  // a change is read by itself
  activity.note_changed(InstanceId(1), "1000");
  EXPECT_FALSE(activity.advance(reader, kNow));
  for (std::size_t i = 0; i <= TagActivity::kMostChanges; ++i)
    activity.note_changed(InstanceId(1), std::to_string(i));
  EXPECT_TRUE(activity.advance(reader, kNow)) << "nothing is read one by one any more";
  EXPECT_EQ(activity.uses(), 1U);
}

TEST_P(TagActivityTest, APostThatChangedTwiceCountsOnce) {
  insert(tagged_post(10));
  insert(tagged_post(20));
  auto pooled = (*database_)->reader();
  TagActivity activity;
  ASSERT_TRUE(activity.advance(**pooled, kNow));
  for (int i = 0; i < 3; ++i)
    for (const auto* const id : {"1000", "1001"}) activity.note_changed(InstanceId(1), id);
  ASSERT_TRUE(activity.advance(**pooled, kNow));
  EXPECT_EQ(activity.uses(), 2U);
}

}  // namespace
}  // namespace linnet::analyze
