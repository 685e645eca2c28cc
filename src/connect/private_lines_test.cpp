// Messages stay out wherever they stand in a line, and nothing else is lost for it.
#include "connect/private_lines.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace linnet::connect {
namespace {

namespace json = boost::json;
using Kept = KeptLine::Kept;
using model::Reach;

json::object status_with(std::string_view visibility, std::string_view text) {
  return {{"id", "5"},
          {"created_at", "2026-08-01T10:00:00Z"},
          {"content", text},
          {"visibility", visibility},
          {"account", json::object{{"id", "7"}, {"acct", "ada"}}}};
}

std::string event(std::string_view type, const json::value& payload) {
  return json::serialize(json::object{{"event", type}, {"payload", payload}});
}

Kept kept(const std::string& line, Reach widest = Reach::addressed) {
  const auto result = without_private(line, widest);
  // What a glance passes over is never asked about.
  EXPECT_TRUE(result.kept == Kept::whole || may_be_private(line, widest)) << line;
  return result.kept;
}

TEST(PrivateLines, a_message_is_kept_in_no_form) {
  const auto message = status_with("direct", "SECRET");
  const json::object boost{{"id", "6"}, {"visibility", "public"}, {"reblog", message}};
  const json::object mention{{"id", "5"}, {"type", "mention"}, {"status", message}};
  const json::object conversation{{"id", "3"}, {"accounts", json::array{}}, {"last_status", nullptr}};
  for (const auto& line :
       {json::serialize(message), event("update", message), event("status.update", message),
        event("update", json::value(json::serialize(message))), event("update", boost),
        event("notification", mention), event("notification", json::value(json::serialize(mention))),
        event("conversation", conversation), event("whatever", conversation),
        event("pleroma:chat_update", json::object{{"id", "1"}}),
        event("notification",
              json::object{{"type", "pleroma:chat_mention"}, {"chat_message", json::object{}}}),
        event("update", status_with("specified", "SECRET")), event("update", status_with("DIRECT", "SECRET")),
        json::serialize(json::array{message})}) {
    EXPECT_EQ(kept(line), Kept::nothing) << line;
  }
}

TEST(PrivateLines, a_message_that_cannot_be_read_is_not_kept_either) {
  for (const std::string line :
       {R"({"event":"update","payload":{"visibility":"direct","content":"SECRET")",
        R"({"event":"update","payload":"{\"visibility\":\"direct\",\"content\":\"SECRET\"")",
        R"({"event":"update","payload":"{\"visibility\" : \"direct\", \"content\":NaN}"})",
        "{'visibility': 'direct', 'content': 'SECRET'}", R"({"visibility":"d\u0069rect","content":"SECRET"})",
        R"({"v\u0069sibility":"direct"})"}) {
    EXPECT_EQ(kept(line), Kept::nothing) << line;
  }
}

TEST(PrivateLines, a_quoted_message_is_taken_out_of_the_post_that_quotes_it) {
  auto post = status_with("public", "look");
  post["quote"] = json::object{{"state", "accepted"}, {"quoted_status", status_with("direct", "SECRET")}};
  for (const auto& line :
       {event("update", post), event("update", json::value(json::serialize(post))), json::serialize(post)}) {
    const auto result = without_private(line, Reach::addressed);
    ASSERT_EQ(result.kept, Kept::rest) << line;
    EXPECT_EQ(result.line.find("SECRET"), std::string::npos);
    EXPECT_NE(result.line.find("look"), std::string::npos);
  }
}

TEST(PrivateLines, everything_else_stays_as_it_came) {
  for (const auto& line :
       {event("update", status_with("public", "a direct message, \"visibility\": \"direct\" and all")),
        event("update", status_with("private", "for followers")),
        event("update", status_with("sparkling", "?")), event("delete", json::value("12")),
        event("filters_changed", nullptr),
        event("notification", json::object{{"type", "follow"}, {"account", json::object{{"id", "7"}}}}),
        std::string("no JSON, and nothing direct in it"), std::string(R"({"event":"update"})")}) {
    EXPECT_EQ(kept(line), Kept::whole) << line;
  }
}

TEST(PrivateLines, what_only_followers_see_is_left_out_where_that_is_asked_for) {
  const auto post = status_with("private", "for followers");
  for (const auto& line : {event("update", post), event("update", status_with("limited", "x")),
                           event("notification", json::object{{"type", "mention"}, {"status", post}})}) {
    EXPECT_EQ(kept(line, Reach::followers), Kept::nothing) << line;
    EXPECT_EQ(kept(line, Reach::addressed), Kept::whole) << line;
  }
  EXPECT_EQ(kept(event("update", status_with("unlisted", "x")), Reach::followers), Kept::whole);
}

}  // namespace
}  // namespace linnet::connect
