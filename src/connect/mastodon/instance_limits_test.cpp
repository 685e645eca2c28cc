// What servers of each kind say that they take.
#include "connect/mastodon/instance_limits.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace linnet::connect::mastodon {
namespace {

PlatformLimits limits_of(std::string_view instance, std::string_view nodeinfo_name = {}) {
  PlatformLimits limits;
  const auto said = boost::json::parse(instance).as_object();
  fill_limits(limits, said, server_kind(said, nodeinfo_name).family);
  return limits;
}

TEST(InstanceLimits, OfMastodon) {
  const auto limits = limits_of(
      R"x({"version":"4.4.1","configuration":{"statuses":{"max_characters":500,"max_media_attachments":4,
      "characters_reserved_per_url":23},"media_attachments":{"supported_mime_types":["image/png","video/mp4"],
      "description_limit":1500,"image_size_limit":16777216,"video_size_limit":103809024},"polls":{"max_options":4,
      "max_characters_per_option":50,"min_expiration":300,"max_expiration":2629746}}})x");
  EXPECT_TRUE(says_everything(limits));
  EXPECT_EQ(limits.text_unit, PlatformLimits::Unit::links_alike);
  EXPECT_EQ(limits.url_length, 23);
  EXPECT_EQ(limits.text_length, 500);
  EXPECT_EQ(limits.media_count, 4);
  EXPECT_EQ(limits.video_bytes, 103809024);
  EXPECT_EQ(limits.alt_text_length, 1500);
  EXPECT_EQ(limits.poll_least_seconds, 300);
  EXPECT_EQ(limits.poll_most_seconds, 2629746);
  EXPECT_EQ(limits.media_types, (std::vector<std::string>{"image/png", "video/mp4"}));
  EXPECT_TRUE(limits.video_goes_alone);
}

constexpr std::string_view kAkkoma = R"x({"version":"2.7.2 (compatible; Akkoma 3.13.2-0-g1234567)",
  "max_toot_chars":5000,"upload_limit":16000000,"description_limit":5000,"max_media_attachments":"20",
  "poll_limits":{"max_options":20,"max_option_chars":200,"min_expiration":0,"max_expiration":31536000}})x";

TEST(InstanceLimits, OfAkkoma) {
  const auto limits = limits_of(kAkkoma);
  EXPECT_EQ(limits.text_unit, PlatformLimits::Unit::graphemes);
  EXPECT_EQ(limits.url_length, 0) << "a link is as long as it is";
  EXPECT_EQ(limits.text_length, 5'000);
  EXPECT_EQ(limits.media_count, 20);
  EXPECT_EQ(limits.image_bytes, 16'000'000);
  EXPECT_EQ(limits.video_bytes, 16'000'000);
  EXPECT_EQ(limits.alt_text_length, 5'000);
  EXPECT_EQ(limits.poll_options, 20);
  EXPECT_EQ(limits.poll_option_length, 200);
  EXPECT_EQ(limits.poll_least_seconds, 0);
  EXPECT_EQ(limits.poll_most_seconds, 31'536'000);
  EXPECT_FALSE(limits.video_goes_alone);
}

TEST(InstanceLimits, OfPleroma) {
  const auto limits = limits_of(R"x({"version":"2.7.2 (compatible; Pleroma 2.6.1)","configuration":{
    "statuses":{"max_characters":7000,"characters_reserved_per_url":0},
    "media_attachments":{"supported_mime_types":["application/octet-stream"]}}})x");
  EXPECT_EQ(limits.text_length, 7'000);
  EXPECT_TRUE(limits.media_types.empty()) << "any file";
}

TEST(InstanceLimits, OfGlitchAndHometown) {
  const auto glitch = limits_of(R"x({"version":"4.3.0+glitch","max_toot_chars":1000,
    "poll_limits":{"max_options":5,"max_option_chars":100,"min_expiration":300,"max_expiration":2629746},
    "configuration":{"statuses":{"max_characters":1001}}})x");
  EXPECT_EQ(glitch.text_length, 1'001) << "what it says in Mastodon's own place comes first";
  EXPECT_EQ(glitch.poll_options, 5);
  EXPECT_EQ(glitch.text_unit, PlatformLimits::Unit::links_alike);
  const auto hometown = limits_of(R"x({"version":"1.0.8+3.5.19","max_toot_chars":"2000"})x");
  EXPECT_EQ(hometown.text_length, 2'000);
  EXPECT_EQ(hometown.url_length, 23);
}

TEST(InstanceLimits, OfGoToSocial) {
  const auto limits = limits_of(R"x({"version":"0.20.1 git-abc",
    "source_url":"https://codeberg.org/superseriousbusiness/gotosocial",
    "configuration":{"statuses":{"max_characters":5000,"characters_reserved_per_url":25}}})x");
  EXPECT_EQ(limits.text_unit, PlatformLimits::Unit::characters);
  EXPECT_EQ(limits.url_length, 0) << "it says 25 and counts all of a link";
}

// One decision about the family: whoever poses as Mastodon does not count as it does.
TEST(InstanceLimits, OfOthersThatGiveAVersionOfMastodon) {
  for (const auto& limits :
       {limits_of(R"x({"version":"4.0.0 (not true; really snac/2.77)","max_toot_chars":5000})x"),
        limits_of(R"x({"version":"4.2.1","max_toot_chars":5000})x", "Iceshrimp")}) {
    EXPECT_EQ(limits.text_unit, PlatformLimits::Unit::characters);
    EXPECT_EQ(limits.url_length, 0);
  }
  EXPECT_EQ(limits_of(R"x({"version":"4.2.1"})x", "akkoma").text_unit, PlatformLimits::Unit::graphemes);
}

TEST(InstanceLimits, WhatIsNotSaidIsNotKnown) {
  const auto old = limits_of(R"x({"version":"3.1.0","uri":"old.example"})x");
  EXPECT_FALSE(old.text_length || old.media_count || old.image_bytes || old.video_bytes ||
               old.alt_text_length || old.poll_options || old.poll_option_length || old.poll_least_seconds ||
               old.poll_most_seconds);
  EXPECT_EQ(old.text_unit, PlatformLimits::Unit::links_alike);
  const auto odd =
      limits_of(R"x({"version":null,"max_toot_chars":0,"upload_limit":-1,"description_limit":null,
    "poll_limits":[],"configuration":{"statuses":{"max_characters":{},"max_media_attachments":1.5}}})x");
  EXPECT_FALSE(odd.text_length || odd.image_bytes || odd.alt_text_length || odd.poll_options ||
               odd.media_count);
  EXPECT_EQ(odd.text_unit, PlatformLimits::Unit::characters);
}

TEST(InstanceLimits, TheOlderDescriptionFillsTheGaps) {
  auto limits = limits_of(R"x({"version":"2.7.2 (compatible; Akkoma 3.13.2)","configuration":{}})x");
  fill_limits(limits, boost::json::parse(R"x({"max_toot_chars":5000})x").as_object(), ServerFamily::pleroma);
  EXPECT_EQ(limits.text_length, 5'000);
  EXPECT_EQ(limits.text_unit, PlatformLimits::Unit::graphemes);
}

}  // namespace
}  // namespace linnet::connect::mastodon
