// Who sees an answer for which nobody said who is to.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "connect/mastodon/acting_mastodon.hpp"

namespace linnet::connect::mastodon {
namespace {

using model::ActionType;
using model::TargetType;

// A server with one post, 9; it keeps how the last one was asked for.
class OnePost final : public net::HttpTransport {
 public:
  std::string visibility = "public";   // of the post
  std::string own_default = "public";  // of the account; empty: it does not say
  int credentials_status = 200;
  boost::json::object posted;
  int posts = 0;

  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token /*stop*/) override {
    const auto ends_with = [&](std::string_view end) { return request.url.ends_with(end); };
    if (request.method == "POST") {
      ++posts;
      posted = boost::json::parse(request.body).as_object();
      return answer({{"id", "10"}}, request);
    }
    if (ends_with("/statuses/9")) return answer({{"id", "9"}, {"visibility", visibility}}, request);
    if (ends_with("/verify_credentials")) {
      boost::json::object account{{"id", "1"}, {"username", "alice"}};
      if (!own_default.empty()) account["source"] = boost::json::object{{"privacy", own_default}};
      return answer(account, request, credentials_status);
    }
    return answer({{"error", "Record not found"}}, request, 404);
  }

 private:
  static net::HttpResponse answer(const boost::json::object& body, const net::HttpRequest& request,
                                  int status = 200) {
    return {status, {}, boost::json::serialize(body), request.url};
  }
};

class ActingAnswers : public testing::Test {
 protected:
  Outcome reply(const std::string& visibility = {}, ActionType type = ActionType::reply) {
    Order order;
    order.type = type;
    order.idempotency_key = "key";
    order.target_type = TargetType::post;
    order.target_id = "9";
    order.draft.text = "Yes";
    order.draft.visibility = visibility;
    order.first_tried_at = clock_.now();
    server_.posted.clear();
    return acting_.perform(order, {});
  }
  // How it goes out; "(default)" where the server is left to take the account's own.
  std::string sent(const std::string& theirs, const std::string& own, const std::string& wanted = {}) {
    server_.visibility = theirs;
    server_.own_default = own;
    EXPECT_EQ(reply(wanted).kind, OutcomeKind::done);
    const auto* const said = server_.posted.if_contains("visibility");
    return said == nullptr ? "(default)" : std::string(std::string_view(said->as_string()));
  }

  SystemClock clock_;
  RequestBudget budget_{clock_};
  OnePost server_;
  ActingMastodon acting_{server_, budget_, clock_, ApiOptions{"https://social.example", "token"}, "1"};
};

TEST_F(ActingAnswers, GoToNoMoreThanThePostAnswered) {
  EXPECT_EQ(sent("private", "public"), "private");
  EXPECT_EQ(sent("private", "unlisted"), "private");
  EXPECT_EQ(sent("unlisted", "public"), "unlisted");
  EXPECT_EQ(sent("unlisted", ""), "unlisted") << "a server that knows no default";
}

TEST_F(ActingAnswers, NorToMoreThanTheAccountsDefault) {
  EXPECT_EQ(sent("public", "private"), "(default)");
  EXPECT_EQ(sent("unlisted", "private"), "(default)");
  EXPECT_EQ(sent("private", "private"), "(default)");
  EXPECT_EQ(sent("private", "mutuals_only"), "(default)") << "narrower than any that Mastodon has";
}

TEST_F(ActingAnswers, GoWhereTheyWereAskedTo) {
  EXPECT_EQ(sent("private", "private", "public"), "public");
  EXPECT_EQ(sent("public", "public", "unlisted"), "unlisted");
}

TEST_F(ActingAnswers, SayThatTheyWereMadeNarrower) {
  server_.visibility = "private";
  const auto outcome = reply({}, ActionType::comment);
  EXPECT_EQ(outcome.details.at("visibility").as_string(), "private");
  Order order;
  order.type = ActionType::comment;
  order.target_id = "9";
  order.draft.text = "Yes";
  order.told = outcome.details;
  boost::json::object status{{"id", "10"}, {"visibility", "private"}, {"spoiler_text", ""}};
  EXPECT_TRUE(missing_of(order, status).empty());
  status["visibility"] = "public";
  EXPECT_EQ(missing_of(order, status), std::vector<std::string>{"the visibility"});
  EXPECT_FALSE(reply("public").details.contains("visibility"));
}

TEST_F(ActingAnswers, WaitWhileTheDefaultCannotBeRead) {
  server_.visibility = "unlisted";
  server_.credentials_status = 503;
  EXPECT_EQ(reply().kind, OutcomeKind::not_sent);
  EXPECT_EQ(server_.posts, 0);
}

}  // namespace
}  // namespace linnet::connect::mastodon
