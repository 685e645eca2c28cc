// What servers send wrongly is understood as far as it can be, and what cannot be is refused with words that
// name the field: never a crash, never a half-read event.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "connect/event_line.hpp"
#include "connect/event_reader.hpp"
#include "connect/event_reader_fixture.hpp"

namespace linnet::connect {
namespace {

namespace json = boost::json;
using model::EventKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(EventReaderTest, refuses_a_status_that_lacks_what_identifies_it_and_names_it) {
  for (const char* field : {"id", "account", "created_at"}) {
    auto payload = status_seen();
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
  auto payload = status_seen();
  payload["account"].as_object().erase("id");
  EXPECT_THAT(read_status(payload).error, StartsWith("account.id: expected"));
  payload["account"].as_object()["id"] = true;
  EXPECT_THAT(read_status(payload).error, StartsWith("account.id: expected text or a whole number"));
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
      auto payload = status_seen();
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
      auto payload = status_seen();
      payload["account"].as_object()[field] = value;
      ASSERT_EQ(read_status(payload).error, "") << field << " " << value;
    }
  }
  auto payload = status_seen();
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
    auto text = json::serialize(status_seen());
    const auto at = text.find("\"favourites_count\":3");
    text.replace(at, 20, std::string("\"favourites_count\":") + count);
    const auto event = read(text);
    ASSERT_EQ(event.error, "") << count;
    EXPECT_FALSE(event.posts.at(0).has_counts) << count;
    EXPECT_EQ(event.posts.at(0).counts, model::Counts{}) << count;
  }
  auto payload = status_seen();
  payload["favourites_count"] = std::int64_t{1} << 53U;
  EXPECT_TRUE(read_status(payload).posts.at(0).has_counts);
}

TEST_F(EventReaderTest, half_a_surrogate_becomes_a_replacement_character) {
  const auto plain = json::serialize(status_seen());
  for (const char* half : {"\\ud83d", "\\udc31", "\\uD83Dx", "\\ud83d\\ud83d"}) {
    auto text = plain;
    text.replace(text.find("Hello"), 5, std::string("He") + half + "llo");
    const auto event = read(text);
    ASSERT_EQ(event.error, "") << half;
    EXPECT_THAT(std::string(event.posts.at(0).content_text), HasSubstr("He\xEF\xBF\xBD")) << half;
    const auto streamed = read(make_event_line(kReadAt, "update", json_quote(text)));
    ASSERT_EQ(streamed.error, "") << half;
    EXPECT_EQ(streamed.posts.at(0).content_text, event.posts.at(0).content_text);
  }
  auto whole = plain;
  whole.replace(whole.find("Hello"), 5, "\\ud83d\\udc31");
  EXPECT_EQ(read(whole).posts.at(0).content_text, "\xF0\x9F\x90\xB1");
}

TEST_F(EventReaderTest, what_stands_around_a_status_costs_it_nothing) {
  const auto plain = json::serialize(status_seen());
  EXPECT_EQ(read("\xEF\xBB\xBF" + plain).error, "");
  EXPECT_EQ(read(R"({"received_at":null,"network":null,"event":"update","payload":)" + plain + "}").error,
            "");
  const auto odd = read(R"({"received_at":5,"event":"update","payload":)" + plain + "}");
  EXPECT_EQ(odd.error, "");
  EXPECT_EQ(odd.received_at, kReadAt);
  EXPECT_THAT(std::string(odd.left_out), HasSubstr("received_at"));
  const auto ahead =
      read(R"({"received_at":"2099-01-01T00:00:00Z","event":"update","payload":)" + plain + "}");
  EXPECT_EQ(ahead.received_at, kReadAt);
}

TEST_F(EventReaderTest, a_document_over_many_lines_and_an_array_are_told_what_to_do) {
  for (const char* line : {"[", "{", " [ ", "[{", "[]", R"([{"id":"1"}])"}) {
    EXPECT_THAT(std::string(read(line).error), HasSubstr("one status a line")) << line;
  }
}

TEST_F(EventReaderTest, understands_times_of_every_year_and_refuses_nonsense) {
  for (const char* time : {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59Z",
                           "2026-08-01T12:00:00+02:00"}) {
    auto payload = status_seen();
    payload["created_at"] = time;
    EXPECT_EQ(read_status(payload).error, "") << time;
  }
  for (const char* time :
       {"", "yesterday", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2026-08-01T25:00:00Z", "1785585582"}) {
    auto payload = status_seen();
    payload["created_at"] = time;
    EXPECT_THAT(read_status(payload).error, StartsWith("created_at: expected an ISO 8601 time")) << time;
  }
  // When an event was received is known without its own word.
  EXPECT_EQ(read(R"({"received_at":"soon","event":"delete","payload":"1"})").error, "");
  EXPECT_EQ(read(R"({"received_at":5,"event":"delete","payload":"1"})").error, "");
}

TEST_F(EventReaderTest, keeps_odd_ids_and_refuses_impossible_ones) {
  for (const char* id : {"0", "../../etc", "01HZ'; DROP TABLE posts; --", "ünïcode ✓", "a b\tc"}) {
    auto payload = status_seen();
    payload["id"] = id;
    EXPECT_EQ(read_status(payload).status_id, id);
  }
  auto payload = status_seen();
  payload["id"] = "";
  EXPECT_THAT(read_status(payload).error, StartsWith("id: expected an id"));
  payload["id"] = std::string(1'001, '1');
  EXPECT_THAT(read_status(payload).error, StartsWith("id: expected at most 1000 bytes"));
}

TEST_F(EventReaderTest, leaves_out_hashtags_of_ten_kilobytes) {
  auto payload = status_seen();
  payload["tags"] =
      json::array{json::object{{"name", std::string(10'240, 'x')}}, json::object{{"name", "b"}}};
  const auto event = read_status(payload);
  ASSERT_EQ(event.error, "");
  EXPECT_THAT(event.posts.at(0).hashtags, ElementsAre("b"));
  EXPECT_THAT(std::string(event.left_out), HasSubstr("tags[].name: expected at most"));
}

TEST_F(EventReaderTest, replaces_nul_and_broken_utf8) {
  auto text = json::serialize(status_seen());
  text.replace(text.find("Hello"), 5, "He\\u0000llo");
  const auto event = read(text);
  ASSERT_EQ(event.error, "");
  EXPECT_EQ(event.posts[0].content_html.find('\0'), std::string_view::npos);
  EXPECT_THAT(std::string(event.posts[0].content_html), HasSubstr("He\xEF\xBF\xBDllo"));

  auto broken = json::serialize(status_seen());
  broken.replace(broken.find("Hello"), 5, "He\xC3(llo");
  const auto mended = read(broken);
  ASSERT_EQ(mended.error, "");
  EXPECT_EQ(mended.posts.at(0).content_text, "He\xEF\xBF\xBD(llo");
  auto with_nul = json::serialize(status_seen());
  with_nul.insert(with_nul.find("Hello"), 1, '\0');
  EXPECT_EQ(read(with_nul).error, "");
}

TEST_F(EventReaderTest, the_words_of_an_error_can_be_stored_whatever_they_quote) {
  auto text = json::serialize(status_seen());
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

TEST_F(EventReaderTest, survives_json_nested_without_end) {
  const auto nested = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_NE(read(R"({"event":"update","payload":)" + nested + "}").error, "");
  auto text = json::serialize(status_seen());
  text.insert(1, "\"poll\":" + nested + ",");
  static_cast<void>(read(text));  // either way, as long as it comes back
}

TEST_F(EventReaderTest, copes_with_html_nested_ten_thousand_deep) {
  auto payload = status_seen();
  std::string html;
  for (int i = 0; i < 10'000; ++i) html += "<div>";
  payload["content"] = html + "deep";
  EXPECT_EQ(read_status(payload).posts.at(0).content_text, "deep");
}

TEST_F(EventReaderTest, keeps_its_memory_after_a_line_of_40_megabytes) {
  auto payload = status_seen();
  payload["content"] = std::string(40U << 20U, 'x');
  EXPECT_THAT(read_status(payload).error, StartsWith("the line: expected at most"));
  EXPECT_EQ(read_status(status_seen()).error, "") << "the next line is read as always";
  EXPECT_LT(arena_.capacity(), 4U << 20U);
}

TEST_F(EventReaderTest, copes_with_what_other_servers_leave_out) {
  // GoToSocial: edited_at absent, language null, emojis only. Pleroma: extensions, counts of accounts hidden.
  auto gotosocial = status_seen();
  gotosocial["id"] = "01HZX5V1S1D3V2T7CEDYP3N8QZ";
  gotosocial["language"] = nullptr;
  gotosocial.erase("tags");
  gotosocial.erase("spoiler_text");
  EXPECT_EQ(read_status(gotosocial).error, "");

  auto pleroma = status_seen();
  pleroma["id"] = "AjPMHY2qLGmA1JpCGi";
  pleroma["pleroma"] = json::object{{"local", true}, {"emoji_reactions", json::array{}}};
  pleroma["account"].as_object()["followers_count"] = nullptr;
  pleroma["account"].as_object()["following_count"] = -1;
  pleroma["mentions"] = nullptr;
  const auto from_pleroma = read_status(pleroma);
  EXPECT_EQ(from_pleroma.error, "");
  EXPECT_FALSE(from_pleroma.posts.at(0).author.follower_count);
  EXPECT_FALSE(from_pleroma.posts.at(0).author.following_count);

  auto old = status_seen();
  old.erase("media_attachments");
  old.erase("mentions");
  old["account"].as_object().erase("bot");
  const auto from_old = read_status(old);
  EXPECT_EQ(from_old.error, "");
  EXPECT_FALSE(from_old.posts.at(0).edited_at);
  EXPECT_FALSE(from_old.posts.at(0).author.is_bot);
}

TEST_F(EventReaderTest, wrong_types_where_nothing_is_needed_are_as_if_absent) {
  auto payload = status_seen();
  for (const char* field : {"language", "visibility", "spoiler_text", "edited_at", "in_reply_to_id", "url",
                            "uri", "media_attachments", "mentions", "tags", "sensitive"}) {
    payload[field] = json::object{{"odd", 1}};
  }
  const auto event = read_status(payload);
  EXPECT_EQ(event.error, "");
  EXPECT_TRUE(event.posts.at(0).hashtags.empty());
}

RC_GTEST_PROP(EventReader, bytes_of_any_kind_come_back_as_an_event_or_an_error, (const std::string& noise)) {
  EventReader reader;
  Arena arena;
  const auto event = reader.read(noise, kReadAt, arena);
  RC_ASSERT(event.error.empty() || event.posts.empty());
  RC_ASSERT(is_valid_utf8(event.error));
}

RC_GTEST_PROP(EventReader, a_status_cut_or_changed_anywhere_comes_back, ()) {
  auto text = event_with(json::value(json::serialize(status_seen())));
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  if (*rc::gen::arbitrary<bool>()) {
    text.resize(at);
  } else {
    text[at] = *rc::gen::arbitrary<char>();
  }
  EventReader reader;
  Arena arena;
  const auto event = reader.read(text, kReadAt, arena);
  RC_ASSERT(event.error.empty() || event.posts.empty());
}

}  // namespace
}  // namespace linnet::connect
