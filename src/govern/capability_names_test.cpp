// What connectors say comes back from its rows as it was, and the stricter of two values is found.
#include "govern/capability_names.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet::govern {
namespace {

using connect::Capabilities;
using connect::PlatformLimits;

const CapabilityName& named(std::string_view type, std::string_view name) {
  return *find_capability(type, name).value();
}

RC_GTEST_PROP(CapabilityNames, LimitsComeBackAsTheyWere, ()) {
  PlatformLimits limits;
  limits.text_length = *rc::gen::inRange<std::int64_t>(0, INT64_MAX);
  for (auto* const field : {&limits.text_bytes, &limits.media_count, &limits.image_bytes, &limits.video_bytes,
                            &limits.alt_text_length, &limits.poll_options, &limits.poll_option_length,
                            &limits.poll_least_seconds, &limits.poll_most_seconds}) {
    if (*rc::gen::arbitrary<bool>()) *field = *rc::gen::inRange<std::int64_t>(0, INT64_MAX);
  }
  using Unit = PlatformLimits::Unit;
  limits.text_unit = *rc::gen::element(Unit::characters, Unit::graphemes, Unit::links_alike);
  if (limits.text_unit == Unit::links_alike) limits.url_length = *rc::gen::inRange<std::int64_t>(0, 100);
  limits.video_goes_alone = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) limits.media_types = {"image/png", "video/mp4"};
  const auto back = limits_from(values_of(limits));
  RC_ASSERT(back.has_value());
  RC_ASSERT(values_of(*back) == values_of(limits));
  RC_ASSERT(back->media_types == limits.media_types);
  RC_ASSERT(back->text_unit == limits.text_unit);
  RC_ASSERT(back->alt_text_length == limits.alt_text_length);
  RC_ASSERT(back->poll_least_seconds == limits.poll_least_seconds);
  RC_ASSERT(back->video_goes_alone == limits.video_goes_alone);
}

RC_GTEST_PROP(CapabilityNames, CapabilitiesComeBackAsTheyWere, ()) {
  Capabilities can;
  for (int i = 0; i < model::kActionTypes; ++i) {
    if (*rc::gen::arbitrary<bool>()) can.actions.insert(static_cast<model::ActionType>(i));
  }
  for (auto* const field : {&can.media, &can.polls, &can.spoiler_text, &can.visibility, &can.scheduling,
                            &can.quotes, &can.has_idempotency_key})
    *field = *rc::gen::arbitrary<bool>();
  const auto back = capabilities_from(values_of(can));
  RC_ASSERT(back.has_value());
  RC_ASSERT(values_of(*back) == values_of(can));
  RC_ASSERT(back->actions == can.actions);
  RC_ASSERT(back->quotes == can.quotes);
}

RC_GTEST_PROP(CapabilityNames, TheStricterIsNeverLaxerThanEither, ()) {
  const auto& name = named("limits", "max_media");
  const auto one = *rc::gen::inRange<std::int64_t>(0, 1'000);
  const auto other = *rc::gen::inRange<std::int64_t>(0, 1'000);
  RC_ASSERT(stricter_of(name, std::to_string(one), std::to_string(other)) ==
            std::to_string(std::min(one, other)));
}

TEST(CapabilityNames, EachFormHasAStricter) {
  const auto& flag = named("content", "polls");
  EXPECT_EQ(stricter_of(flag, "yes", "yes"), "yes");
  EXPECT_EQ(stricter_of(flag, "no", "yes"), "no");
  EXPECT_EQ(stricter_of(flag, "yes", "no"), "no");
  const auto& list = named("media", "media_formats");
  EXPECT_EQ(stricter_of(list, "image/png, image/gif", "image/gif"), "image/gif");
  EXPECT_EQ(stricter_of(list, "", "image/gif"), "image/gif");  // the platform does not say
  EXPECT_EQ(stricter_of(list, "image/png", "image/gif"), std::nullopt);
}

TEST(CapabilityNames, NothingSaidIsNothingKnown) {
  EXPECT_FALSE(limits_from({}));
  EXPECT_FALSE(capabilities_from({}));
  EXPECT_FALSE(limits_from({{"content/polls", "yes"}}));
}

TEST(CapabilityNames, WhatAServerDoesNotSayIsNotKnown) {
  PlatformLimits limits;
  limits.text_length = 5'000;
  const auto back = limits_from(values_of(limits));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text_length, 5'000);
  EXPECT_FALSE(back->media_count || back->image_bytes || back->poll_options || back->poll_most_seconds);
}

// Kept before Mastodon's way of counting had a name.
TEST(CapabilityNames, CharactersWithALengthForLinksAreMastodons) {
  const auto old = limits_from({{"limits/max_character_limit", "500"},
                                {"limits/characters_per_link", "23"},
                                {"content/text_unit", "characters"}});
  ASSERT_TRUE(old);
  EXPECT_EQ(old->text_unit, PlatformLimits::Unit::links_alike);
}

TEST(CapabilityNames, EveryNameHasADescription) {
  for (const auto& name : capability_names()) {
    EXPECT_FALSE(name.description.empty()) << name.name;
    EXPECT_TRUE(find_capability(name.type, name.name)) << name.name;
  }
}

}  // namespace
}  // namespace linnet::govern
