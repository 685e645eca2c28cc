#include "connect/mastodon/server_kind.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace linnet::connect::mastodon {
namespace {

ServerKind kind_of(const std::string& version, const std::string& rest = {},
                   const std::string& nodeinfo = {}) {
  return server_kind(boost::json::parse(R"({"version":")" + version + "\"" + rest + "}").as_object(),
                     nodeinfo);
}

TEST(ServerKind, KnowsSoftwareByItsVersion) {
  EXPECT_EQ(kind_of("4.6.4").software, "mastodon");
  EXPECT_EQ(kind_of("4.3.0+glitch.1").software, "mastodon");
  EXPECT_EQ(kind_of("4.0.2+hometown-1.1.1").software, "mastodon");
  EXPECT_EQ(kind_of("2.7.2 (compatible; Pleroma 2.9.1)").software, "pleroma");
  EXPECT_EQ(kind_of("2.7.2 (compatible; Akkoma 3.15.2)").software, "akkoma");
  EXPECT_EQ(kind_of("0.20.0+git-1a2b3c4").software, "gotosocial");
  EXPECT_EQ(kind_of("takahe/0.11.0").software, "takahe");
  EXPECT_EQ(kind_of("").software, "");
}

// instance-inject-mastodon-version puts a version of Mastodon's in front.
TEST(ServerKind, IsNotDeceivedByAVersionPutInFront) {
  EXPECT_EQ(kind_of("3.5.3+0.20.0-git-1a2b3c4",
                    R"(,"source_url":"https://codeberg.org/superseriousbusiness/gotosocial")")
                .software,
            "gotosocial");
  EXPECT_EQ(kind_of("3.5.3+0.20.0-git-1a2b3c4", "", "gotosocial").software, "gotosocial");
  EXPECT_EQ(kind_of("4.2.1", "", "Iceshrimp").software, "iceshrimp");
  EXPECT_EQ(kind_of("4.2.1", "", "hometown").software, "mastodon");
  const std::string snac = "4.0.0 (not true; really snac/2.77)";
  EXPECT_EQ(kind_of(snac, "", "snac").software, "snac");
  for (const auto* const nodeinfo : {"", "snac", "mastodon"}) {
    EXPECT_EQ(kind_of(snac, "", nodeinfo).family, ServerFamily::other) << nodeinfo;
    EXPECT_FALSE(kind_of(snac, "", nodeinfo).recognises_repeats) << nodeinfo;
  }
}

TEST(ServerKind, BelievesOfRepeatsOnlyWhatIsKnownOfIt) {
  for (const auto* const version :
       {"4.6.4", "3.4.10", "2.7.2 (compatible; Pleroma 2.9.1)", "2.7.2 (compatible; Akkoma 3.15.2)"})
    EXPECT_TRUE(kind_of(version).recognises_repeats) << version;
  for (const auto* const version :
       {"0.20.0+git-1a2b3c4", "takahe/0.11.0", "", "3.5.3 (compatible; Pixelfed 0.12)",
        "2.8.0 (compatible; Friendica 2024.12)"})
    EXPECT_FALSE(kind_of(version).recognises_repeats) << version;
}

TEST(ServerKind, KnowsWhatCameWhen) {
  EXPECT_TRUE(kind_of("4.5.0").quotes);
  EXPECT_TRUE(kind_of("4.4.3+glitch", R"(,"api_versions":{"mastodon":7})").quotes);
  EXPECT_FALSE(kind_of("4.4.3").quotes);
  EXPECT_FALSE(kind_of("2.7.2 (compatible; Akkoma 3.15.2)").quotes);
  EXPECT_TRUE(kind_of("3.5.0").edits);
  EXPECT_FALSE(kind_of("3.4.10").edits);
  auto all = Capabilities{};
  all.quotes = all.has_idempotency_key = true;
  all.actions = {model::ActionType::edit_post, model::ActionType::like};
  const auto old = without_missing(all, kind_of("3.4.10"));
  EXPECT_FALSE(old.quotes);
  EXPECT_TRUE(old.has_idempotency_key);
  EXPECT_EQ(old.actions.size(), 1U);
}

}  // namespace
}  // namespace linnet::connect::mastodon
