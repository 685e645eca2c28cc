// What servers send is understood as far as it can be, and what cannot be is refused with words that name the
// field: never a crash, never a half-read event.
#include "connect/mastodon/event_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "connect/event_line.hpp"
#include "source_dir.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;
using model::EventKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const Instant kNow = parse_iso8601("2026-08-01T12:00:00Z").value();

json::object account() {
  return {{"id", "7"},
          {"username", "ada"},
          {"acct", "ada@example.social"},
          {"display_name", "Ada"},
          {"bot", false}};
}

json::object status() {
  return {{"id", "117020569296803689"},
          {"created_at", "2026-08-01T11:59:42.878Z"},
          {"content", "<p>Hello</p>"},
          {"spoiler_text", ""},
          {"replies_count", 1},
          {"reblogs_count", 2},
          {"favourites_count", 3},
          {"account", account()},
          {"tags", json::array{json::object{{"name", "Cats"}}}},
          {"mentions", json::array{}},
          {"media_attachments", json::array{}}};
}

std::string event_with(json::value payload, std::string_view type = "update") {
  return json::serialize(json::object{
      {"received_at", "2026-08-01T11:00:00.000Z"}, {"event", type}, {"payload", std::move(payload)}});
}

class EventReaderTest : public testing::Test {
 protected:
  model::Event read(std::string_view line) { return reader_.read(line, kNow, arena_); }
  model::Event read_status(const json::object& payload) { return read(event_with(payload)); }
  EventReader reader_;
  Arena arena_;
};

TEST_F(EventReaderTest, reads_a_status) {
  const auto event = read_status(status());
  ASSERT_EQ(event.error, "");
  EXPECT_EQ(event.kind, EventKind::post);
  EXPECT_EQ(event.type, "update");
  EXPECT_EQ(to_iso8601(event.received_at), "2026-08-01T11:00:00.000Z");
  EXPECT_EQ(event.status_id, "117020569296803689");
  ASSERT_EQ(event.posts.size(), 1U);
  const auto& post = event.posts[0];
  EXPECT_EQ(to_iso8601(post.created_at), "2026-08-01T11:59:42.878Z");
  EXPECT_EQ(post.content_text, "Hello");
  EXPECT_EQ(post.counts.replies, 1);
  EXPECT_EQ(post.counts.reblogs, 2);
  EXPECT_EQ(post.counts.favourites, 3);
  EXPECT_EQ(post.author.id, "7");
  EXPECT_EQ(post.author.domain(), "example.social");
  EXPECT_THAT(post.hashtags, ElementsAre("cats"));
}

TEST_F(EventReaderTest, a_payload_as_text_is_the_same_as_one_as_an_object) {
  const auto as_object = read_status(status());
  const auto as_text = read(event_with(json::value(json::serialize(status()))));
  ASSERT_EQ(as_text.error, "");
  ASSERT_EQ(as_text.posts.size(), 1U);
  EXPECT_EQ(as_text.posts[0].content_hash, as_object.posts[0].content_hash);
  EXPECT_EQ(as_text.posts[0].content_html, as_object.posts[0].content_html);
  EXPECT_EQ(as_text.status_id, as_object.status_id);
}

TEST_F(EventReaderTest, the_payload_may_stand_before_the_kind_of_event) {
  const auto event = read("{\"payload\":" + json::serialize(status()) + ",\"event\":\"status.update\"}");
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.posts.size(), 1U);
  const auto deletion = read(R"({"payload":"42","event":"delete"})");
  EXPECT_EQ(deletion.error, "");
  EXPECT_EQ(deletion.status_id, "42");
}

TEST_F(EventReaderTest, a_status_alone_is_an_update_received_now) {
  const auto event = read(json::serialize(status()));
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.type, "update");
  EXPECT_EQ(event.received_at, kNow);
  EXPECT_EQ(event.posts.size(), 1U);
}

TEST_F(EventReaderTest, reads_a_deletion) {
  const auto event = read(R"({"event":"delete","payload":"117020569296803689"})");
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.kind, EventKind::deletion);
  EXPECT_EQ(event.status_id, "117020569296803689");
  for (const char* payload : {"\"\"", "{}", "null", "[]", "true"}) {
    const auto refused = read(std::string(R"({"event":"delete","payload":)") + payload + "}");
    EXPECT_THAT(refused.error, StartsWith("payload: expected the id")) << payload;
    EXPECT_EQ(refused.kind, EventKind::other);
  }
}

TEST_F(EventReaderTest, leaves_other_kinds_of_events_alone) {
  for (const char* line :
       {R"({"event":"filters_changed","payload":"null"})", R"({"event":"filters_changed"})",
        R"({"event":"notification","payload":{"id":5}})", R"({"event":"encrypted","payload":7})"}) {
    const auto event = read(line);
    EXPECT_EQ(event.error, "") << line;
    EXPECT_EQ(event.kind, EventKind::other) << line;
    EXPECT_TRUE(event.posts.empty()) << line;
  }
}

TEST_F(EventReaderTest, refuses_a_status_that_lacks_what_identifies_it_and_names_it) {
  for (const char* field : {"id", "account", "created_at"}) {
    auto payload = status();
    payload.erase(field);
    const auto missing = read_status(payload);
    EXPECT_THAT(missing.error, StartsWith(std::string(field) + ": expected")) << field;
    EXPECT_TRUE(missing.posts.empty());
    EXPECT_EQ(missing.kind, EventKind::other);
    for (const json::value& wrong : {json::value(nullptr), json::value(json::array{}), json::value(true),
                                     json::value(-1), json::value(1.5)}) {
      payload[field] = wrong;
      const auto event = read_status(payload);
      EXPECT_THAT(event.error, StartsWith(std::string(field) + ": expected")) << field << wrong;
      EXPECT_TRUE(event.posts.empty()) << field;
    }
  }
  auto payload = status();
  payload["account"].as_object().erase("id");
  EXPECT_THAT(read_status(payload).error, StartsWith("account.id: expected"));
  payload["account"].as_object()["id"] = true;
  EXPECT_THAT(read_status(payload).error, StartsWith("account.id: expected text or a whole number"));
}

TEST_F(EventReaderTest, ids_may_be_whole_numbers) {
  auto payload = status();
  payload["id"] = std::uint64_t{18'446'744'073'709'551'615U};
  payload["account"].as_object()["id"] = 7;
  payload["in_reply_to_id"] = 5;
  payload["media_attachments"] = json::array{json::object{{"id", 9}, {"type", "image"}}};
  payload["mentions"] = json::array{json::object{{"id", 8}, {"acct", "bo"}}};
  const auto event = read_status(payload);
  ASSERT_EQ(event.error, "");
  EXPECT_EQ(event.left_out, "");
  const auto& post = event.posts.at(0);
  EXPECT_EQ(post.id, "18446744073709551615");
  EXPECT_EQ(post.author.id, "7");
  EXPECT_EQ(post.in_reply_to_id, "5");
  EXPECT_EQ(post.media.at(0).id, "9");
  EXPECT_EQ(post.mentions.at(0).account_id, "8");
  EXPECT_EQ(read(R"({"event":"delete","payload":42})").status_id, "42");
}

// Whatever stands in a field that identifies nothing, the post is taken, and the event says what was not.
TEST_F(EventReaderTest, one_odd_field_never_costs_a_post) {
  const json::value odd[] = {nullptr,
                             json::array{},
                             json::array{nullptr, 1, "x", json::array{}, json::object{}},
                             json::object{},
                             json::object{{"odd", 1}},
                             true,
                             -1,
                             1.5,
                             "",
                             "sparkling"};
  for (const char* field : {"content",
                            "spoiler_text",
                            "replies_count",
                            "reblogs_count",
                            "favourites_count",
                            "language",
                            "visibility",
                            "edited_at",
                            "in_reply_to_id",
                            "in_reply_to_account_id",
                            "url",
                            "uri",
                            "media_attachments",
                            "mentions",
                            "tags",
                            "sensitive",
                            "poll",
                            "reblog",
                            "card",
                            "quote",
                            "emojis"}) {
    for (const auto& value : odd) {
      auto payload = status();
      payload[field] = value;
      const auto event = read_status(payload);
      const bool lacks_boosted =
          std::string_view(field) == "reblog" && value == json::value(json::object{{"odd", 1}});
      if (lacks_boosted) continue;
      ASSERT_EQ(event.error, "") << field << " " << value;
      ASSERT_EQ(event.posts.size(), 1U) << field << value;
      if (value.is_null()) {
        EXPECT_EQ(event.left_out, "") << field;
      }
    }
  }
  for (const char* field : {"username", "acct", "display_name", "url", "avatar", "note", "followers_count",
                            "following_count", "statuses_count", "locked", "bot", "created_at", "fields"}) {
    for (const auto& value : odd) {
      auto payload = status();
      payload["account"].as_object()[field] = value;
      ASSERT_EQ(read_status(payload).error, "") << field << " " << value;
    }
  }
  auto payload = status();
  payload["content"] = 42;
  payload["tags"] = "cats";
  const auto event = read_status(payload);
  EXPECT_EQ(event.posts.at(0).content_html, "");
  EXPECT_THAT(std::string(event.left_out), HasSubstr("content: expected text, got a number"));
  EXPECT_THAT(std::string(event.left_out), HasSubstr("tags: expected a list, got text"));
}

TEST_F(EventReaderTest, counts_that_are_none_are_unknown) {
  for (const char* count : {"-1", "9007199254740993", "9223372036854775808", "1e3", "1e400", "\"3\"", "null",
                            "99999999999999999999999"}) {
    auto text = json::serialize(status());
    const auto at = text.find("\"favourites_count\":3");
    text.replace(at, 20, std::string("\"favourites_count\":") + count);
    const auto event = read(text);
    ASSERT_EQ(event.error, "") << count;
    EXPECT_FALSE(event.posts.at(0).has_counts) << count;
    EXPECT_EQ(event.posts.at(0).counts, model::Counts{}) << count;
  }
  auto payload = status();
  payload["favourites_count"] = std::int64_t{1} << 53U;
  EXPECT_TRUE(read_status(payload).posts.at(0).has_counts);
}

TEST_F(EventReaderTest, half_a_surrogate_becomes_a_replacement_character) {
  const auto plain = json::serialize(status());
  for (const char* half : {"\\ud83d", "\\udc31", "\\uD83Dx", "\\ud83d\\ud83d"}) {
    auto text = plain;
    text.replace(text.find("Hello"), 5, std::string("He") + half + "llo");
    const auto event = read(text);
    ASSERT_EQ(event.error, "") << half;
    EXPECT_THAT(std::string(event.posts.at(0).content_text), HasSubstr("He\xEF\xBF\xBD")) << half;
    const auto streamed = read(make_event_line(kNow, "update", json_quote(text)));
    ASSERT_EQ(streamed.error, "") << half;
    EXPECT_EQ(streamed.posts.at(0).content_text, event.posts.at(0).content_text);
  }
  auto whole = plain;
  whole.replace(whole.find("Hello"), 5, "\\ud83d\\udc31");
  EXPECT_EQ(read(whole).posts.at(0).content_text, "\xF0\x9F\x90\xB1");
}

TEST_F(EventReaderTest, what_stands_around_a_status_costs_it_nothing) {
  const auto plain = json::serialize(status());
  EXPECT_EQ(read("\xEF\xBB\xBF" + plain).error, "");
  EXPECT_EQ(read(R"({"received_at":null,"network":null,"event":"update","payload":)" + plain + "}").error,
            "");
  const auto odd = read(R"({"received_at":5,"event":"update","payload":)" + plain + "}");
  EXPECT_EQ(odd.error, "");
  EXPECT_EQ(odd.received_at, kNow);
  EXPECT_THAT(std::string(odd.left_out), HasSubstr("received_at"));
  const auto ahead =
      read(R"({"received_at":"2099-01-01T00:00:00Z","event":"update","payload":)" + plain + "}");
  EXPECT_EQ(ahead.received_at, kNow);
}

TEST_F(EventReaderTest, an_edit_that_lies_ahead_is_of_when_it_was_seen) {
  auto payload = status();
  payload["edited_at"] = "2099-01-01T00:00:00Z";
  const auto event = read_status(payload);
  EXPECT_EQ(event.posts.at(0).edited_at, event.received_at);
  EXPECT_THAT(std::string(event.left_out), HasSubstr("edited_at: it lies ahead"));
}

TEST_F(EventReaderTest, a_document_over_many_lines_and_an_array_are_told_what_to_do) {
  for (const char* line : {"[", "{", " [ ", "[{", "[]", R"([{"id":"1"}])"}) {
    EXPECT_THAT(std::string(read(line).error), HasSubstr("one status a line")) << line;
  }
}

TEST_F(EventReaderTest, descriptions_and_polls_are_content) {
  auto payload = status();
  payload["media_attachments"] = json::array{json::object{{"id", "m1"}, {"type", "image"}}};
  const auto bare = read_status(payload).posts.at(0).content_hash;
  payload["media_attachments"].as_array()[0].as_object()["description"] = "a cat";
  const auto described = read_status(payload).posts.at(0);
  EXPECT_NE(described.content_hash, bare);
  EXPECT_EQ(described.plain_hash, bare);
  EXPECT_EQ(described.attached_json, R"({"media":[{"id":"m1","description":"a cat"}],"poll":[]})");
  payload["poll"] = json::object{{"options", json::array{json::object{{"title", "Red"}, {"votes_count", 2}},
                                                         json::object{{"title", "Blue"}}}},
                                 {"voters_count", 2},
                                 {"multiple", false}};
  const auto polled = read_status(payload).posts.at(0);
  EXPECT_NE(polled.content_hash, described.content_hash);
  EXPECT_EQ(
      polled.poll_json,
      R"({"options":[{"title":"Red","votes":2},{"title":"Blue","votes":null}],"voters_count":2,"multiple":false})");
  payload["poll"].as_object()["voters_count"] = 3;
  EXPECT_EQ(read_status(payload).posts.at(0).content_hash, polled.content_hash);
}

TEST_F(EventReaderTest, understands_times_of_every_year_and_refuses_nonsense) {
  for (const char* time : {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z",
                           "2026-08-01T12:00:00+02:00"}) {
    auto payload = status();
    payload["created_at"] = time;
    EXPECT_EQ(read_status(payload).error, "") << time;
  }
  for (const char* time :
       {"", "yesterday", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2026-08-01T25:00:00Z", "1785585582"}) {
    auto payload = status();
    payload["created_at"] = time;
    EXPECT_THAT(read_status(payload).error, StartsWith("created_at: expected an ISO 8601 time")) << time;
  }
  // When an event was received is known without its own word.
  EXPECT_EQ(read(R"({"received_at":"soon","event":"delete","payload":"1"})").error, "");
  EXPECT_EQ(read(R"({"received_at":5,"event":"delete","payload":"1"})").error, "");
}

TEST_F(EventReaderTest, keeps_odd_ids_and_refuses_impossible_ones) {
  for (const char* id : {"0", "../../etc", "01HZ'; DROP TABLE posts; --", "ünïcode ✓", "a b\tc"}) {
    auto payload = status();
    payload["id"] = id;
    EXPECT_EQ(read_status(payload).status_id, id);
  }
  auto payload = status();
  payload["id"] = "";
  EXPECT_THAT(read_status(payload).error, StartsWith("id: expected an id"));
  payload["id"] = std::string(1'001, '1');
  EXPECT_THAT(read_status(payload).error, StartsWith("id: expected at most 1000 bytes"));
}

TEST_F(EventReaderTest, leaves_out_hashtags_of_ten_kilobytes) {
  auto payload = status();
  payload["tags"] =
      json::array{json::object{{"name", std::string(10'240, 'x')}}, json::object{{"name", "b"}}};
  const auto event = read_status(payload);
  ASSERT_EQ(event.error, "");
  EXPECT_THAT(event.posts.at(0).hashtags, ElementsAre("b"));
  EXPECT_THAT(std::string(event.left_out), HasSubstr("tags[].name: expected at most"));
}

TEST_F(EventReaderTest, folds_hashtags_and_takes_each_once) {
  auto payload = status();
  payload["tags"] = json::array{json::object{{"name", "ÄPFEL"}},   json::object{{"name", "äpfel"}},
                                json::object{{"name", "Σίσυφος"}}, json::object{{"name", ""}},
                                json::object{{"url", "x"}},        json::object{{"name", 5}}};
  EXPECT_THAT(read_status(payload).posts.at(0).hashtags, ElementsAre("äpfel", "σίσυφοσ"));
}

TEST_F(EventReaderTest, replaces_nul_and_broken_utf8) {
  auto text = json::serialize(status());
  text.replace(text.find("Hello"), 5, "He\\u0000llo");
  const auto event = read(text);
  ASSERT_EQ(event.error, "");
  EXPECT_EQ(event.posts[0].content_html.find('\0'), std::string_view::npos);
  EXPECT_THAT(std::string(event.posts[0].content_html), HasSubstr("He\xEF\xBF\xBDllo"));

  auto broken = json::serialize(status());
  broken.replace(broken.find("Hello"), 5, "He\xC3(llo");
  const auto mended = read(broken);
  ASSERT_EQ(mended.error, "");
  EXPECT_EQ(mended.posts.at(0).content_text, "He\xEF\xBF\xBD(llo");
  auto with_nul = json::serialize(status());
  with_nul.insert(with_nul.find("Hello"), 1, '\0');
  EXPECT_EQ(read(with_nul).error, "");
}

TEST_F(EventReaderTest, the_words_of_an_error_can_be_stored_whatever_they_quote) {
  auto text = json::serialize(status());
  const auto at = text.find("\"created_at\":\"");
  text.insert(at + 14, std::string("no\0time", 7));
  const auto event = read(text);
  EXPECT_NE(event.error, "");
  EXPECT_EQ(event.error.find('\0'), std::string_view::npos);
  EXPECT_TRUE(is_valid_utf8(event.error));
}

TEST_F(EventReaderTest, refuses_what_is_no_json) {
  for (const char* line :
       {"{", "}", "[]", "[1]", "null", "\"x\"", "5", "not json", "{\"event\"", "{\"event\":\"update\"",
        "{\"event\":\"update\",\"payload\":", "{\"event\":\"update\"}", "{}", "\xFF\xFE", "{\"a\":1}",
        R"({"event":5,"payload":{}})", R"({"event":"update","payload":"{"})",
        R"({"event":"update","payload":"[]"})", R"({"event":"update","payload":""})"}) {
    const auto event = read(line);
    EXPECT_NE(event.error, "") << line;
    EXPECT_TRUE(event.posts.empty()) << line;
    EXPECT_EQ(event.kind, EventKind::other) << line;
  }
}

TEST_F(EventReaderTest, reads_a_boost_as_two_posts_the_boosted_one_first) {
  auto outer = status();
  auto inner = status();
  inner["id"] = "99";
  inner["account"].as_object()["id"] = "8";
  outer["reblog"] = inner;
  const auto event = read_status(outer);
  ASSERT_EQ(event.error, "");
  ASSERT_EQ(event.posts.size(), 2U);
  EXPECT_EQ(event.posts[0].id, "99");
  EXPECT_TRUE(event.posts[1].is_boost);
  EXPECT_EQ(event.posts[1].content_html, "");
  EXPECT_TRUE(event.posts[1].hashtags.empty());
  EXPECT_EQ(event.status_id, outer["id"].as_string());

  inner.erase("id");
  outer["reblog"] = inner;
  const auto broken = read_status(outer);
  EXPECT_THAT(broken.error, StartsWith("reblog.id: expected"));
  EXPECT_TRUE(broken.posts.empty()) << "a boost applies whole or not at all";
}

TEST_F(EventReaderTest, goes_no_deeper_than_one_boost) {
  auto innermost = status();
  for (int depth = 0; depth < 50; ++depth) {
    auto around = status();
    around["reblog"] = innermost;
    innermost = around;
  }
  const auto event = read_status(innermost);
  EXPECT_EQ(event.error, "");
  EXPECT_EQ(event.posts.size(), 2U);
}

TEST_F(EventReaderTest, survives_json_nested_without_end) {
  const auto nested = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_NE(read(R"({"event":"update","payload":)" + nested + "}").error, "");
  auto text = json::serialize(status());
  text.insert(1, "\"poll\":" + nested + ",");
  static_cast<void>(read(text));  // either way, as long as it comes back
}

TEST_F(EventReaderTest, copes_with_html_nested_ten_thousand_deep) {
  auto payload = status();
  std::string html;
  for (int i = 0; i < 10'000; ++i) html += "<div>";
  payload["content"] = html + "deep";
  EXPECT_EQ(read_status(payload).posts.at(0).content_text, "deep");
}

TEST_F(EventReaderTest, keeps_its_memory_after_a_line_of_40_megabytes) {
  auto payload = status();
  payload["content"] = std::string(40U << 20U, 'x');
  EXPECT_THAT(read_status(payload).error, StartsWith("the line: expected at most"));
  EXPECT_EQ(read_status(status()).error, "") << "the next line is read as always";
  EXPECT_LT(arena_.capacity(), 4U << 20U);
}

TEST_F(EventReaderTest, copes_with_what_other_servers_leave_out) {
  // GoToSocial: edited_at absent, language null, emojis only. Pleroma: extensions, counts of accounts hidden.
  auto gotosocial = status();
  gotosocial["id"] = "01HZX5V1S1D3V2T7CEDYP3N8QZ";
  gotosocial["language"] = nullptr;
  gotosocial.erase("tags");
  gotosocial.erase("spoiler_text");
  EXPECT_EQ(read_status(gotosocial).error, "");

  auto pleroma = status();
  pleroma["id"] = "AjPMHY2qLGmA1JpCGi";
  pleroma["pleroma"] = json::object{{"local", true}, {"emoji_reactions", json::array{}}};
  pleroma["account"].as_object()["followers_count"] = nullptr;
  pleroma["account"].as_object()["following_count"] = -1;
  pleroma["mentions"] = nullptr;
  const auto from_pleroma = read_status(pleroma);
  EXPECT_EQ(from_pleroma.error, "");
  EXPECT_FALSE(from_pleroma.posts.at(0).author.follower_count);
  EXPECT_FALSE(from_pleroma.posts.at(0).author.following_count);

  auto old = status();
  old.erase("media_attachments");
  old.erase("mentions");
  old["account"].as_object().erase("bot");
  const auto from_old = read_status(old);
  EXPECT_EQ(from_old.error, "");
  EXPECT_FALSE(from_old.posts.at(0).edited_at);
  EXPECT_FALSE(from_old.posts.at(0).author.is_bot);
}

TEST_F(EventReaderTest, wrong_types_where_nothing_is_needed_are_as_if_absent) {
  auto payload = status();
  for (const char* field : {"language", "visibility", "spoiler_text", "edited_at", "in_reply_to_id", "url",
                            "uri", "media_attachments", "mentions", "tags", "sensitive"}) {
    payload[field] = json::object{{"odd", 1}};
  }
  const auto event = read_status(payload);
  EXPECT_EQ(event.error, "");
  EXPECT_TRUE(event.posts.at(0).hashtags.empty());
}

TEST_F(EventReaderTest, reads_media_and_a_mention_of_somebody_never_seen) {
  auto payload = status();
  payload["media_attachments"] =
      json::array{json::object{{"id", "m1"},
                               {"type", "image"},
                               {"url", "https://x/y"},
                               {"description", "a cat"},
                               {"meta", json::object{{"focus", json::object{{"x", 0}}}}}},
                  json::object{{"id", "m1"}, {"type", "image"}}, json::object{{"type", "video"}}, 7};
  payload["mentions"] = json::array{json::object{{"id", "4711"}, {"acct", "nobody@far.example"}}};
  const auto event = read_status(payload);
  ASSERT_EQ(event.error, "");
  const auto& post = event.posts[0];
  ASSERT_EQ(post.media.size(), 2U);
  EXPECT_EQ(post.media[0].description, "a cat");
  EXPECT_EQ(post.media_ids_json, R"(["m1","#2"])");
  ASSERT_EQ(post.mentions.size(), 1U);
  EXPECT_EQ(post.mentions[0].acct, "nobody@far.example");
}

TEST_F(EventReaderTest, the_text_of_an_event_lives_in_the_arena_not_in_the_line) {
  auto line = event_with(json::value(json::serialize(status())));
  const auto event = read(line);
  line.assign(line.size(), '?');
  static_cast<void>(read(event_with(json::value(std::string(2'000, 'z')))));
  EXPECT_EQ(event.posts.at(0).content_html, "<p>Hello</p>");
}

RC_GTEST_PROP(EventReader, bytes_of_any_kind_come_back_as_an_event_or_an_error, (const std::string& noise)) {
  EventReader reader;
  Arena arena;
  const auto event = reader.read(noise, kNow, arena);
  RC_ASSERT(event.error.empty() || event.posts.empty());
  RC_ASSERT(is_valid_utf8(event.error));
}

RC_GTEST_PROP(EventReader, a_status_cut_or_changed_anywhere_comes_back, ()) {
  auto text = event_with(json::value(json::serialize(status())));
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  if (*rc::gen::arbitrary<bool>()) {
    text.resize(at);
  } else {
    text[at] = *rc::gen::arbitrary<char>();
  }
  EventReader reader;
  Arena arena;
  const auto event = reader.read(text, kNow, arena);
  RC_ASSERT(event.error.empty() || event.posts.empty());
}

TEST_F(EventReaderTest, reads_every_status_of_the_recordings) {
  const char* shared = std::getenv("LINNET_SHARED");
  const auto root = shared != nullptr ? std::filesystem::path(shared)
                                      : std::filesystem::path(LINNET_SOURCE_DIR).parent_path() / "shared";
  std::ifstream file(root / "data" / "mastodon" / "statuses.jsonl");
  if (!file) GTEST_SKIP() << "the recordings are not here: " << root;
  std::string line;
  int read_well = 0;
  int too_old = 0;
  while (std::getline(file, line)) {
    const auto event = read(line);
    ASSERT_EQ(event.error, "") << truncate_utf8(line, 100);
    // Mastodon 2.4 did not count replies.
    if (!event.posts.back().has_counts) ++too_old;
    ++read_well;
    // The same through the form of the live stream.
    const auto streamed = read(make_event_line(kNow, "update", json_quote(line)));
    ASSERT_EQ(streamed.error, "");
    ASSERT_EQ(streamed.posts.size(), event.posts.size());
    EXPECT_EQ(streamed.posts.back().content_hash, event.posts.back().content_hash);
  }
  EXPECT_EQ(read_well, 232);
  EXPECT_EQ(too_old, 20);
}

}  // namespace
}  // namespace linnet::connect::mastodon
