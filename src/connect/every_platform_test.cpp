// Every network that Linnet deals with is described whole: what the rest of the program asks of a door is
// there, and says the same as what stands behind it.
#include "connect/every_platform.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/clock.hpp"
#include "connect/event_line.hpp"
#include "connect/event_reader.hpp"
#include "connect/log_lines.hpp"
#include "model/platform.hpp"

namespace linnet::connect {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Nobody may be asked.
class NoServer final : public net::HttpTransport {
 public:
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token /*stop*/) override {
    ADD_FAILURE() << "asked for " << request.url;
    return unavailable("nobody is there");
  }
};

class EveryPlatformTest : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static const PlatformDoor& door() { return every_platform().at(GetParam()); }
  ServerAccess server() { return {transport_, budget_, clock_, "https://social.example"}; }

  ManualClock clock_{parse_iso8601("2026-08-01T12:00:00Z").value()};
  NoServer transport_;
  RequestBudget budget_{clock_};
};

TEST_P(EveryPlatformTest, IsFoundByItsName) {
  EXPECT_EQ(find_platform(door().name), &door());
  EXPECT_EQ(platform_named("platform", door().name).value(), &door());
  EXPECT_EQ(&identity_of(door().name), &door().identity);
  EXPECT_EQ(ceiling_of(door().name).posts, door().ceiling.posts);
  EXPECT_NE(door().display_name, "");
  EXPECT_NE(door().description, "");
}

TEST_P(EveryPlatformTest, KnowsWhatIsAnId) {
  const auto& rules = door().identity;
  ASSERT_NE(rules.check_id, nullptr);
  for (const auto what : {IdOf::post, IdOf::quoted_post, IdOf::person}) {
    const auto checked = rules.check_id("some_id", what, "two words");
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().safe, StartsWith("some_id: expected the "));
  }
  EXPECT_EQ(rules.ids_are_global, rules.is_person_id != nullptr);
  EXPECT_EQ(rules.is_person_id != nullptr, !rules.expected_person.empty());
}

TEST_P(EveryPlatformTest, ReadsNamesAndLooksUpWhatNeedsIt) {
  const auto& rules = door().identity;
  ASSERT_NE(rules.read_name, nullptr);
  if (rules.find_id == nullptr) {
    // Where nobody can be asked, an id alone is taken, and settled.
    EXPECT_FALSE(rules.read_name("person_id", true, "ada@far.example"));
    const auto given = rules.read_name("person_id", true, "423456789012345678");
    ASSERT_TRUE(given) << given.error().safe;
    EXPECT_TRUE(given->is_settled);
    return;
  }
  const auto name = rules.has_handles() ? "ada.example.com" : "ada@far.example";
  const auto given = rules.read_name("person_id", true, name);
  ASSERT_TRUE(given) << given.error().safe;
  EXPECT_FALSE(given->is_settled);
}

TEST_P(EveryPlatformTest, SaysHowToSignIn) {
  const auto& sign_in = door().sign_in;
  ASSERT_NE(sign_in.check_way_back, nullptr);
  ASSERT_NE(sign_in.begin, nullptr);
  ASSERT_NE(sign_in.with_secret, nullptr);
  ASSERT_NE(sign_in.revoke, nullptr);
  EXPECT_NE(sign_in.shown_code.empty(), sign_in.without_code.empty());
  EXPECT_TRUE(sign_in.check_way_back(net::parse_url("http://127.0.0.1:7450").value()));
  EXPECT_FALSE(sign_in.check_way_back(net::parse_url("http://linnet.example").value()));
}

TEST_P(EveryPlatformTest, KnowsItsStreams) {
  const auto& sources = door().sources;
  ASSERT_NE(sources.settle_stream, nullptr);
  ASSERT_NE(sources.make, nullptr);
  const std::string stream = door().name == "discord" ? "server:223456789012345678" : "hashtag:books";
  EXPECT_EQ(sources.settle_stream(server(), stream, {}).value(), stream);
  const auto refused = sources.settle_stream(server(), "nonsense", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  if (sources.default_stream.empty()) return;
  EXPECT_TRUE(sources.settle_stream(server(), std::string(sources.default_stream), {}));
}

TEST_P(EveryPlatformTest, ActsAsItSays) {
  ASSERT_NE(door().acting.make, nullptr);
  Credentials credentials;
  credentials.service = "https://social.example";
  const auto connector = door().acting.make({server(), "did:plc:abc", credentials, {}, {}});
  ASSERT_NE(connector, nullptr);
  EXPECT_EQ(connector->capabilities().actions, door().capabilities.actions);
  EXPECT_EQ(connector->capabilities().media, door().capabilities.media);
}

TEST_P(EveryPlatformTest, ReadsItsLines) {
  const auto* const lines = door().lines;
  ASSERT_NE(lines, nullptr);
  EXPECT_EQ(lines_of(lines->network), lines);
  ASSERT_NE(lines->make_reader, nullptr);
  ASSERT_NE(lines->erase, nullptr);
  const bool is_chat = lines->is_private != nullptr;
  const std::string_view name = is_chat ? "MESSAGE_CREATE" : "update";
  EXPECT_EQ(lines->make_reader()->kind_of(name), is_chat ? model::EventKind::chat : model::EventKind::post);
  // What is no event of the network is refused in words, by its own reader.
  EventReader reader;
  Arena arena;
  const auto event =
      reader.read(make_event_line(clock_.now(), name, "[]", lines->network), clock_.now(), arena);
  EXPECT_THAT(std::string(event.error), StartsWith("payload: expected "));
}

INSTANTIATE_TEST_SUITE_P(All, EveryPlatformTest, testing::Range(std::size_t{0}, every_platform().size()),
                         [](const auto& each) { return std::string(every_platform().at(each.param).name); });

TEST(EveryPlatform, HasThoseThatTheTablesKnow) {
  std::set<std::string_view> names;
  for (const auto& door : every_platform()) EXPECT_TRUE(names.insert(door.name).second) << door.name;
  EXPECT_EQ(names, std::set<std::string_view>(std::begin(model::kPlatforms), std::end(model::kPlatforms)));
}

TEST(EveryPlatform, StandsInTheOrderOfItsPriority) {
  const auto& all = every_platform();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& one, const auto& other) {
    return one.priority < other.priority;
  }));
}

TEST(EveryPlatform, OneIsMeantWhereNoneIsNamed) {
  EXPECT_EQ(default_platform().lines, lines_of(""));
  EXPECT_FALSE(default_platform().identity.has_handles());
  std::set<std::string_view> words;
  for (const auto& door : every_platform())
    EXPECT_TRUE(words.insert(door.lines->network).second) << door.name;
}

TEST(EveryPlatform, IsToldByTheFormOfANameAlone) {
  EXPECT_FALSE(platform_with_names_like("ada@far.example").identity.has_handles());
  EXPECT_TRUE(platform_with_names_like("ada.example.com").identity.has_handles());
}

TEST(EveryPlatform, WhatIsNotKnownIsAServerAmongServers) {
  EXPECT_EQ(find_platform("nowhere"), nullptr);
  EXPECT_EQ(lines_of("nowhere"), nullptr);
  EXPECT_FALSE(identity_of("nowhere").ids_are_global);
  const auto refused = platform_named("PLATFORM", "nowhere");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().safe,
              HasSubstr("PLATFORM: expected mastodon or bluesky or discord, got \"nowhere\""));
}

}  // namespace
}  // namespace linnet::connect
