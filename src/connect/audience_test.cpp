#include "connect/audience.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::connect {
namespace {

using Names = std::vector<std::string>;

TEST(Audience, FindsWhomATextNames) {
  EXPECT_EQ(mentioned_names("@bob hi @ada@far.example, @bob! (@c.d-e@x.example.)"),
            (Names{"bob", "ada@far.example", "c.d-e@x.example"}));
  EXPECT_EQ(mentioned_names("to @eve.bsky.social: see \"@dan_1\" @@fay"),
            (Names{"eve.bsky.social", "dan_1", "fay"}));
  EXPECT_EQ(mentioned_names("¡@bob@müller.example, @a@例え.example、@b"),
            (Names{"bob@müller.example", "a@例え.example", "b"}));
  EXPECT_EQ(mentioned_names("@bob@ hi\n@ada"), (Names{"bob", "ada"}));
}

TEST(Audience, NobodyIsNamedInAddressesAndWords) {
  for (const auto* const text :
       {"", "@", "a@b.example", "https://x.example/@bob/1", "?to=@bob", "@ bob", "é@bob"})
    EXPECT_EQ(mentioned_names(text), Names{}) << text;
}

RC_GTEST_PROP(Audience, ReadsAnyBytes, (const std::string& text)) {
  for (const auto& name : mentioned_names("@x " + text)) RC_ASSERT(!name.empty());
}

TEST(Audience, OnlyMessagesAreSeenByThoseNamedAlone) {
  Draft draft;
  for (const auto* const fine : {"", "public", "unlisted", "private"}) {
    draft.visibility = fine;
    EXPECT_TRUE(check_visibility(draft, model::ActionType::publish)) << fine;
  }
  for (const auto* const wrong : {"direct", "Direct", "list:1", " public"}) {
    draft.visibility = wrong;
    const auto checked = check_visibility(draft, model::ActionType::reply);
    ASSERT_FALSE(checked) << wrong;
    EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
    EXPECT_EQ(checked.error().safe.find("visibility: "), 0U);
    EXPECT_NE(checked.error().safe.find("dm_send"), std::string::npos);
    EXPECT_TRUE(check_visibility(draft, model::ActionType::dm_send));
  }
}

}  // namespace
}  // namespace linnet::connect
