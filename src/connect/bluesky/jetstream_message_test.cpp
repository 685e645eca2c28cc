// What Jetstream's messages become: posts with facets and pictures, edits, accounts; and what is wrong with
// others.
#include "connect/bluesky/jetstream_message.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/html_sanitize.hpp"
#include "base/html_text.hpp"
#include "base/json_text.hpp"
#include "connect/event_line.hpp"
#include "connect/event_reader.hpp"

namespace linnet::connect::bluesky {
namespace {

using model::Event;
using model::EventKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Instant kSeen = from_micros(1'785'585'600'123'456);  // 2026-08-01T12:00:00.123456Z

std::string commit_of(std::string_view record, std::string_view operation = "create") {
  return fmt::format(
      R"({{"did":"did:plc:eygmaihciaxprqvxpfvl6flk","time_us":1785585600123456,"kind":"commit","commit":{{)"
      R"("rev":"3l3qo2vutsw2b","operation":"{}","collection":"app.bsky.feed.post","rkey":"3l3qo2vuowo2b",)"
      R"("record":{},"cid":"bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi"}}}})",
      operation, record);
}
std::string record_of(std::string_view text, std::string_view more = "") {
  return fmt::format(
      R"({{"$type":"app.bsky.feed.post","createdAt":"2026-08-01T11:59:58.500Z","text":{}{}{}}})",
      json_quote(text), more.empty() ? "" : ",", more);
}
std::string facet(std::size_t begin, std::size_t end, std::string_view feature) {
  return fmt::format(R"({{"index":{{"byteStart":{},"byteEnd":{}}},"features":[{}]}})", begin, end, feature);
}
std::string feature(std::string_view kind, std::string_view name, std::string_view value) {
  return fmt::format(R"({{"$type":"app.bsky.richtext.facet#{}","{}":{}}})", kind, name, json_quote(value));
}

class JetstreamMessageTest : public testing::Test {
 protected:
  // As the log has it.
  Event read(const std::string& message, std::string_view type = "update") {
    return reader_.read(make_event_line(kSeen, type, message, "bluesky"), kSeen, arena_);
  }
  Event post(std::string_view text, std::string_view more = "") {
    auto event = read(commit_of(record_of(text, more)));
    EXPECT_EQ(event.error, "");
    EXPECT_EQ(event.posts.size(), 1U);
    return event;
  }

  Arena arena_;
  EventReader reader_;
};

TEST_F(JetstreamMessageTest, a_post_is_read) {
  const auto event = post("Good morning", R"("langs":["de","en"])");
  EXPECT_EQ(event.kind, EventKind::post);
  EXPECT_EQ(event.type, "update");
  EXPECT_EQ(event.received_at, kSeen);
  const auto& post = event.posts.front();
  EXPECT_EQ(post.id, "at://did:plc:eygmaihciaxprqvxpfvl6flk/app.bsky.feed.post/3l3qo2vuowo2b");
  EXPECT_EQ(event.status_id, post.id);
  EXPECT_EQ(post.uri, post.id);
  EXPECT_EQ(post.url, "https://bsky.app/profile/did:plc:eygmaihciaxprqvxpfvl6flk/post/3l3qo2vuowo2b");
  EXPECT_EQ(post.author.id, "did:plc:eygmaihciaxprqvxpfvl6flk");
  EXPECT_TRUE(post.author.is_bare);
  EXPECT_EQ(to_iso8601(post.created_at), "2026-08-01T11:59:58.500Z");
  EXPECT_FALSE(post.edited_at);
  EXPECT_FALSE(post.has_counts);
  EXPECT_EQ(post.language, "de");
  EXPECT_EQ(post.visibility, "public");
  EXPECT_EQ(post.content_text, "Good morning");
  EXPECT_EQ(post.content_html, "<p>Good morning</p>");
  EXPECT_EQ(post.content_type, "text");
}

TEST_F(JetstreamMessageTest, an_update_is_an_edit_of_that_moment) {
  const auto event = read(commit_of(record_of("Good evening"), "update"), "status.update");
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.posts.at(0).edited_at, kSeen);
}

TEST_F(JetstreamMessageTest, facets_become_links_tags_and_mentions) {
  // «Grüße» takes seven bytes.
  const std::string text = "Grüße @ada.bsky.social #Bücher siehe example.com";
  const auto facets = fmt::format(
      R"("facets":[{},{},{}])", facet(40, 51, feature("link", "uri", "https://example.com/?a=1&b=\"")),
      facet(8, 24, feature("mention", "did", "did:plc:ada")), facet(25, 33, feature("tag", "tag", "Bücher")));
  const auto event = post(text, facets);
  const auto& post = event.posts.front();
  EXPECT_THAT(post.hashtags, ElementsAre("bücher"));
  EXPECT_EQ(post.hashtags_json, "[\"bücher\"]");
  ASSERT_EQ(post.mentions.size(), 1U);
  EXPECT_EQ(post.mentions[0].account_id, "did:plc:ada");
  EXPECT_EQ(post.mentions[0].acct, "ada.bsky.social");
  EXPECT_EQ(post.content_html,
            "<p>Grüße <a href=\"https://bsky.app/profile/did:plc:ada\">@ada.bsky.social</a> "
            "<a class=\"mention hashtag\" href=\"https://bsky.app/hashtag/B%C3%BCcher\">#Bücher</a> siehe "
            "<a href=\"https://example.com/?a=1&amp;b=&quot;\">example.com</a></p>");
  EXPECT_EQ(post.content_text, text);
}

TEST_F(JetstreamMessageTest, facets_that_do_not_fit_are_not_shown) {
  const auto link = feature("link", "uri", "https://x.example");
  const auto event = post("Grüße <b>", fmt::format(R"("facets":[{},{},{},{},{}])", facet(3, 7, link),
                                                   facet(0, 99, link), facet(5, 5, link), facet(6, 2, link),
                                                   facet(0, 4, feature("other", "x", "y"))));
  EXPECT_EQ(event.posts.front().content_html, "<p>Grüße &lt;b&gt;</p>");
}

TEST_F(JetstreamMessageTest, the_first_of_overlapping_facets_is_shown_and_all_tags_count) {
  const auto event = post("#one#two", fmt::format(R"("tags":["Three","one"],"facets":[{},{}])",
                                                  facet(0, 6, feature("tag", "tag", "one")),
                                                  facet(4, 8, feature("tag", "tag", "two"))));
  EXPECT_THAT(event.posts.front().hashtags, testing::UnorderedElementsAre("one", "two", "three"));
  EXPECT_EQ(event.posts.front().content_html,
            "<p><a class=\"mention hashtag\" href=\"https://bsky.app/hashtag/one\">#one#t</a>wo</p>");
}

TEST_F(JetstreamMessageTest, a_script_as_a_link_reaches_no_browser) {
  const auto event = post(
      "click", fmt::format(R"("facets":[{}])", facet(0, 5, feature("link", "uri", "javascript:alert(1)"))));
  EXPECT_EQ(sanitize_html(event.posts.front().content_html), "<p>click</p>");
}

TEST_F(JetstreamMessageTest, pictures_videos_replies_and_labels) {
  const auto images = post(
      "",
      R"("embed":{"$type":"app.bsky.embed.images","images":[{"alt":"a cat","image":{"$type":"blob",)"
      R"("ref":{"$link":"bafkreia"},"mimeType":"image/jpeg","size":9}},{"alt":"","image":{"cid":"bafkreib",)"
      R"("mimeType":"image/png"}}]},"labels":{"$type":"com.atproto.label.defs#selfLabels",)"
      R"("values":[{"val":"nudity"}]},"reply":{"root":{"uri":"at://did:plc:eve/app.bsky.feed.post/1","cid":"x"},)"
      R"("parent":{"uri":"at://did:plc:bob/app.bsky.feed.post/2","cid":"y"}})");
  const auto& post_of = images.posts.front();
  ASSERT_EQ(post_of.media.size(), 2U);
  EXPECT_EQ(post_of.media[0].id, "bafkreia");
  EXPECT_EQ(post_of.media[0].description, "a cat");
  EXPECT_EQ(post_of.media[1].id, "bafkreib");
  EXPECT_FALSE(post_of.media[1].description);
  EXPECT_EQ(post_of.content_type, "carousel");
  EXPECT_EQ(post_of.content_html, "");
  EXPECT_TRUE(post_of.sensitive);
  EXPECT_EQ(post_of.in_reply_to_id, "at://did:plc:bob/app.bsky.feed.post/2");
  EXPECT_EQ(post_of.in_reply_to_account_id, "did:plc:bob");
  const auto video = post(
      "look", R"("embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://x"}},)"
              R"("media":{"$type":"app.bsky.embed.video","video":{"ref":{"$link":"bafv"}},"alt":"a film"}})");
  ASSERT_EQ(video.posts.front().media.size(), 1U);
  EXPECT_EQ(video.posts.front().media[0].type, "video");
  EXPECT_EQ(video.posts.front().media[0].description, "a film");
  EXPECT_EQ(video.posts.front().content_type, "video");
}

TEST_F(JetstreamMessageTest, no_post_is_written_after_it_was_seen) {
  for (const auto* const created_at : {"2099-01-01T00:00:00Z", "yesterday", ""}) {
    const auto event = read(commit_of(fmt::format(R"({{"text":"x","createdAt":"{}"}})", created_at)));
    ASSERT_EQ(event.posts.size(), 1U) << created_at;
    EXPECT_EQ(event.posts.front().created_at, kSeen) << created_at;
  }
}

TEST_F(JetstreamMessageTest, an_identity_names_an_account) {
  const auto event = read(R"({"did":"did:plc:ada","time_us":1785585600123456,"kind":"identity","identity":)"
                          R"({"did":"did:plc:ada","handle":"ada.example.com","seq":7,"time":"x"}})",
                          "identity");
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.kind, EventKind::account);
  ASSERT_TRUE(event.account);
  EXPECT_EQ(event.account->id, "did:plc:ada");
  EXPECT_EQ(event.account->acct, "ada.example.com");
  EXPECT_FALSE(event.account->is_bare);
}

TEST_F(JetstreamMessageTest, accounts_that_are_gone_and_those_that_only_rest) {
  JetstreamReader reader;
  for (const auto& [status, is_gone] : {std::pair("deleted", true), std::pair("takendown", true),
                                        std::pair("suspended", false), std::pair("deactivated", false)}) {
    for (const bool is_active : {false, true}) {
      JetstreamMessage message;
      EXPECT_FALSE(
          reader.read(fmt::format(R"({{"did":"did:plc:ada","time_us":1785585600123456,"kind":"account",)"
                                  R"("account":{{"active":{},"status":"{}","seq":1}}}})",
                                  is_active, status),
                      message));
      const bool is_gone_now = message.is_account_deleted() || message.is_account_taken_down();
      EXPECT_EQ(is_gone_now, is_gone && !is_active) << status << is_active;
      EXPECT_EQ(message.is_account_back(), is_active);
    }
  }
}

TEST_F(JetstreamMessageTest, what_is_not_asked_for_is_no_error) {
  JetstreamReader reader;
  for (
      const std::string frame :
      {R"({"did":"did:plc:ada","time_us":1785585600123456,"kind":"sync","sync":{}})",
       R"({"did":"did:plc:ada","time_us":1785585600123456,"kind":"other","commit":{"operation":"create",)"
       R"("collection":"app.bsky.feed.post","rkey":"1","record":{"text":"x"}}})",
       R"({"did":"did:plc:ada","time_us":1785585600123456,"kind":"commit","commit":{"operation":"create",)"
       R"("collection":"app.bsky.feed.like","rkey":"1","record":{"subject":{"uri":"at://x"}}}})",
       R"({"did":"did:plc:ada","time_us":1785585600123456,"kind":"identity","identity":{"did":"did:plc:ada"}})"}) {
    JetstreamMessage message;
    const auto error = reader.read(frame, message);
    EXPECT_FALSE(error) << *error;
    EXPECT_EQ(message.did, "did:plc:ada");
    EXPECT_FALSE(message.post);
    EXPECT_EQ(message.uri, "");
  }
}

TEST_F(JetstreamMessageTest, the_order_of_members_does_not_matter) {
  const auto event =
      read(R"({"commit":{"record":{"text":"x"},"rkey":"abc","collection":"app.bsky.feed.post",)"
           R"("operation":"create"},"kind":"commit","time_us":1785585600123456,"did":"did:plc:ada"})");
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.posts.at(0).id, "at://did:plc:ada/app.bsky.feed.post/abc");
}

TEST_F(JetstreamMessageTest, errors_name_what_was_expected) {
  const std::pair<std::string, std::string> wrong[] = {
      {"[]", "expected a message of Jetstream"},
      {"\"text\"", "expected a message of Jetstream"},
      {"{}", "did: expected a DID"},
      {R"({"did":"ada","time_us":1785585600123456,"kind":"commit"})", "did: expected a DID, got \"ada\""},
      {R"({"did":"did:plc:ada","kind":"commit"})", "time_us: expected"},
      {R"({"did":"did:plc:ada","time_us":12,"kind":"commit"})", "time_us: expected"},
      {R"({"did":"did:plc:ada","time_us":1785585600123456,"kind":"commit"})", "a post that was created"},
      {R"({"did":"did:plc:ada","time_us":1785585600123456,"kind":"commit","commit":[]})",
       "expected an object"},
      {commit_of("[]"), "record: expected an object"},
      {commit_of("{}", "delete"), "a post that was created"}};
  for (const auto& [message, expected] : wrong) {
    const auto event = read(message);
    EXPECT_THAT(std::string(event.error), HasSubstr(expected)) << message;
    EXPECT_EQ(event.kind, EventKind::other);
    EXPECT_THAT(event.posts, IsEmpty());
  }
  EXPECT_THAT(std::string(read(commit_of(record_of("x")), "identity").error), HasSubstr("expected identity"));
}

TEST_F(JetstreamMessageTest, a_post_without_text_or_with_half_a_surrogate_is_a_post) {
  for (const std::string record : {"{}", R"({"text":7})", R"({"text":"x\ud83d"})"}) {
    const auto event = read(commit_of(record));
    EXPECT_EQ(event.error, "") << record;
    EXPECT_EQ(event.posts.size(), 1U) << record;
    JetstreamReader reader;
    JetstreamMessage message;
    EXPECT_FALSE(reader.read(commit_of(record), message)) << record;
  }
}

TEST_F(JetstreamMessageTest, an_identity_without_a_handle_that_is_one_says_nothing) {
  for (const std::string identity :
       {R"({"did":"did:plc:ada"})", R"({"did":"did:plc:ada","handle":"handle.invalid"})"}) {
    const auto event = read(
        R"({"did":"did:plc:ada","time_us":1785585600123456,"kind":"identity","identity":)" + identity + "}",
        "identity");
    EXPECT_EQ(event.error, "") << identity;
    EXPECT_EQ(event.kind, EventKind::other);
    EXPECT_FALSE(event.account);
  }
}

TEST_F(JetstreamMessageTest, a_line_says_of_which_network_it_is) {
  EXPECT_THAT(
      std::string(reader_.read(R"({"event":"update","network":"other","payload":{}})", kSeen, arena_).error),
      HasSubstr("network: expected"));
  const auto line =
      R"({"event":"update","payload":)" + commit_of(record_of("x")) + R"(,"network":"bluesky"})";
  EXPECT_NE(reader_.read(line, kSeen, arena_).error, "");
}

RC_GTEST_PROP(JetstreamFacets, show_the_text_and_nothing_else, (const std::vector<std::uint8_t>& places)) {
  const std::string text = "Grüße <an> alle & «jeden» 🎉 #tag";
  std::string facets;
  for (std::size_t i = 0; i + 1 < places.size(); i += 2) {
    facets += facets.empty() ? "" : ",";
    facets += facet(places[i] % 50U, places[i + 1] % 50U, feature("link", "uri", "https://x.example"));
  }
  Arena arena;
  EventReader reader;
  const auto line =
      make_event_line(kSeen, "update", commit_of(record_of(text, "\"facets\":[" + facets + "]")), "bluesky");
  const auto event = reader.read(line, Instant{}, arena);
  RC_ASSERT(event.posts.size() == 1U);
  RC_ASSERT(html_to_text(event.posts[0].content_html) == text);
}

}  // namespace
}  // namespace linnet::connect::bluesky
