// Whose drafts they are, which of two wins, how many and how large, and when they end.
#include "govern/drafts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "govern/people.hpp"
#include "kit/test_database.hpp"

namespace linnet::govern {
namespace {

class DraftsTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = store::Writer::start(**database_).value();
  }

  Result<SavedDraft> save(const std::string& owner, const std::string& name, const std::string& content,
                          std::optional<Instant> seen_at = {}) {
    SavedDraft saved;
    LINNET_CHECK(writer_->write([&](store::Connection& connection) -> Status {
      LINNET_TRY(saved, save_draft(connection, {"", owner, name, content}, seen_at, clock_.now()));
      return {};
    }));
    return saved;
  }
  std::string content(const std::string& owner, const std::string& name) {
    auto reader = (*database_)->reader();
    const auto found = find_draft(**reader, owner, name);
    EXPECT_TRUE(found) << found.error().message;
    return found && *found ? (*found)->content : "none";
  }
  std::size_t count(const std::string& owner) {
    auto reader = (*database_)->reader();
    return drafts_of(**reader, owner).value().size();
  }

  ManualClock clock_{*parse_iso8601("2026-08-01T10:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
};

TEST_P(DraftsTest, BelongToTheirOwnerAlone) {
  ASSERT_TRUE(save("ada", "post", R"({"text":"hers"})"));
  ASSERT_TRUE(save("bo", "post", R"({"text":"his"})"));
  EXPECT_EQ(content("ada", "post"), R"({"text":"hers"})");
  EXPECT_EQ(content("bo", "post"), R"({"text":"his"})");
  EXPECT_EQ(content("", "post"), "none");
  ASSERT_TRUE(
      writer_->write([](store::Connection& connection) { return remove_draft(connection, "ada", "post"); }));
  EXPECT_EQ(content("ada", "post"), "none");
  EXPECT_EQ(content("bo", "post"), R"({"text":"his"})");
  const auto again =
      writer_->write([](store::Connection& connection) { return remove_draft(connection, "ada", "post"); });
  ASSERT_FALSE(again) << "it is not there any more";
  EXPECT_EQ(again.error().kind, ErrorKind::not_found);
}

TEST_P(DraftsTest, TheNewestWinsAndSaysWhetherItReplacedWhatItsWriterHadNotSeen) {
  const auto first = save("ada", "post", R"("one")");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_FALSE(first->replaced_another);
  const auto seen = save("ada", "post", R"("two")", first->saved_at);
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->replaced_another);
  EXPECT_GT(seen->saved_at, first->saved_at) << "the clock stood still, and the state is another";
  const auto unseen = save("ada", "post", R"("three")", first->saved_at);
  ASSERT_TRUE(unseen);
  EXPECT_TRUE(unseen->replaced_another);
  EXPECT_EQ(content("ada", "post"), R"("three")");
  const auto same = save("ada", "post", R"("three")", first->saved_at);
  ASSERT_TRUE(same);
  EXPECT_FALSE(same->replaced_another) << "nothing was lost";
}

TEST_P(DraftsTest, OfTooManyTheOneLeftAloneForLongestGoes) {
  for (std::size_t i = 0; i < kMostDrafts; ++i) {
    clock_.advance(std::chrono::seconds(1));
    ASSERT_TRUE(save("ada", fmt::format("reply {}", i), "1"));
  }
  clock_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(save("ada", "reply 0", "2"));
  ASSERT_TRUE(save("bo", "post", "1"));
  clock_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(save("ada", "one more", "1"));
  EXPECT_EQ(count("ada"), kMostDrafts);
  EXPECT_EQ(content("ada", "reply 0"), "2") << "it was written on";
  EXPECT_EQ(content("ada", "reply 1"), "none");
  EXPECT_EQ(content("bo", "post"), "1");
}

TEST_P(DraftsTest, AreRefusedBeyondTheirSize) {
  ASSERT_TRUE(save("ada", "post", "1"));
  const auto large = save("ada", "post", std::string(kLargestDraft + 1, 'x'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, ErrorKind::invalid);
  EXPECT_TRUE(large.error().message.starts_with("content: ")) << large.error().message;
  const auto named = save("ada", std::string(1'000, 'n'), "1");
  ASSERT_FALSE(named);
  EXPECT_TRUE(named.error().message.starts_with("name: ")) << named.error().message;
  EXPECT_EQ(content("ada", "post"), "1");
}

TEST_P(DraftsTest, GoWithTheirOwner) {
  People people(**database_, *writer_, clock_);
  const auto ada = people.add("ada", Role::viewer, "", "admin");
  const auto bo = people.add("bo", Role::viewer, "", "admin");
  ASSERT_TRUE(ada && bo);
  ASSERT_TRUE(save(ada->id, "post", "1"));
  ASSERT_TRUE(save(bo->id, "post", "1"));
  ASSERT_TRUE(people.set_active(ada->id, false, "admin"));
  EXPECT_EQ(count(ada->id), 0U);
  EXPECT_EQ(count(bo->id), 1U);
}

INSTANTIATE_TEST_SUITE_P(Engines, DraftsTest, testing::Values(store::Engine::sqlite, store::Engine::postgres),
                         test::engine_name);

}  // namespace
}  // namespace linnet::govern
