#include "connect/mastodon/likeness.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace linnet::connect::mastodon {
namespace {

TEST(Likeness, OfTextsWhateverTheirSpacesAndForms) {
  EXPECT_EQ(same_text("Hello  world\n", "Hello world"), Same::yes);
  EXPECT_EQ(same_text("Caf\xc3\xa9", "Cafe\xcc\x81"), Same::yes);
  EXPECT_EQ(same_text("hi @ada@remote.example!", "hi @ada!"), Same::yes);
  EXPECT_EQ(same_text("mail ada@remote.example", "mail ada@remote.example"), Same::yes);
  EXPECT_EQ(same_text("", ""), Same::yes);
}

TEST(Likeness, OfWhatAServerMayHaveRewritten) {
  EXPECT_EQ(same_text("See https://example.org/?utm_source=x now", "See https://example.org/ now"),
            Same::perhaps);
  EXPECT_EQ(same_text("Only once please", "ONLY ONCE PLEASE"), Same::perhaps);
  EXPECT_EQ(same_text("Hi", "Hi\n\nsent from my server"), Same::perhaps);
  EXPECT_EQ(same_text("我今天去了公园散步", "我今天去了花园散步"), Same::perhaps);
}

TEST(Likeness, OfWhatSaysSomethingElse) {
  EXPECT_EQ(same_text("Only once please", "Rain tomorrow"), Same::no);
  EXPECT_EQ(same_text("Hello", ""), Same::no);
  EXPECT_EQ(same_text("", "Hello"), Same::no);
}

TEST(Likeness, OfPostsInTheSamePlace) {
  Order order;
  order.type = model::ActionType::reply;
  order.target_id = "7";
  order.draft.text = "Yes";
  const auto status = [](const std::string& more) {
    return boost::json::parse(R"({"id":"9","content":"<p>Yes</p>","visibility":"public")" + more + "}")
        .as_object();
  };
  EXPECT_EQ(same_post(order, "", status(R"(,"in_reply_to_id":"7")"), {}), Same::yes);
  EXPECT_EQ(same_post(order, "", status(R"(,"in_reply_to_id":"8")"), {}), Same::no);
  order.type = model::ActionType::publish;
  EXPECT_EQ(same_post(order, "", status(R"(,"in_reply_to_id":null)"), {}), Same::yes);
  EXPECT_EQ(same_post(order, "", status(R"(,"in_reply_to_id":"7")"), {}), Same::no);
  EXPECT_EQ(same_post(order, "", status(R"(,"reblog":{"id":"1"})"), {}), Same::no);
  order.draft.text = "yes!";
  EXPECT_EQ(same_post(order, "", status(""), {}), Same::perhaps);
  EXPECT_EQ(same_post(order, "", status(""), "yes!"), Same::yes) << "its author wrote it so";
}

TEST(Likeness, OfPostsWithoutWords) {
  Order order;
  order.type = model::ActionType::publish;
  order.draft.media.resize(1);
  const auto status = [](const std::string& files) {
    return boost::json::parse(R"({"id":"9","content":"","visibility":"public","media_attachments":[)" +
                              files + "]}")
        .as_object();
  };
  EXPECT_EQ(same_post(order, "", status(R"({"id":"1"})"), {}), Same::yes);
  EXPECT_EQ(same_post(order, "", status(""), {}), Same::perhaps);
}

TEST(Likeness, AQuoteCountsByItsState) {
  Order order;
  order.type = model::ActionType::publish;
  order.draft.quoted_id = "5";
  const auto missing = [&](const std::string& quote) {
    return missing_of(order, boost::json::parse(R"({"quote":)" + quote + "}").as_object());
  };
  EXPECT_TRUE(missing(R"({"state":"accepted","quoted_status":{"id":"5"}})").empty());
  EXPECT_TRUE(missing(R"({"state":"pending","quoted_status":null})").empty());
  EXPECT_EQ(missing(R"({"state":"accepted","quoted_status":{"id":"6"}})").size(), 1U);
  EXPECT_EQ(missing(R"({"state":"rejected","quoted_status":null})").size(), 1U);
  EXPECT_EQ(missing("null"), std::vector<std::string>{"the quote"});
  EXPECT_TRUE(has_pending_quote(order, boost::json::parse(R"({"quote":{"state":"pending"}})").as_object()));
}

}  // namespace
}  // namespace linnet::connect::mastodon
