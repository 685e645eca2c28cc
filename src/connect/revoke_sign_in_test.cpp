#include "connect/revoke_sign_in.hpp"

#include <gtest/gtest.h>

#include "connect/mastodon/fake_mastodon.hpp"
#include "connect/mastodon/oauth.hpp"
#include "net/curl_transport.hpp"

namespace linnet::connect {
namespace {

class OneAnswer final : public net::HttpTransport {
 public:
  int status = 200;
  net::Headers headers;
  net::HttpRequest asked;
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token /*stop*/) override {
    asked = request;
    return net::HttpResponse{status, headers, "{}", request.url};
  }
};

class RevokeSignIn : public testing::Test {
 protected:
  SystemClock clock_;
  RequestBudget budget_{clock_};
  OneAnswer transport_;
  Credentials credentials_;
};

TEST_F(RevokeSignIn, AsksTheMastodonServerAsTheAppThatWasSignedIn) {
  credentials_.token = "t";
  credentials_.client_id = "id";
  credentials_.client_secret = "secret";
  EXPECT_TRUE(revoke_sign_in(transport_, budget_, clock_, "mastodon", "https://m.example", credentials_, {}));
  EXPECT_EQ(transport_.asked.url, "https://m.example/oauth/revoke");
  EXPECT_EQ(transport_.asked.body, "client_id=id&client_secret=secret&token=t");
  transport_.status = 503;
  EXPECT_FALSE(
      revoke_sign_in(transport_, budget_, clock_, "mastodon", "https://m.example", credentials_, {}));
}

TEST_F(RevokeSignIn, SaysWhereATokenMadeByHandIsDeleted) {
  credentials_.token = "t";
  const auto done =
      revoke_sign_in(transport_, budget_, clock_, "mastodon", "https://m.example", credentials_, {});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().safe.find("Preferences, Development"), std::string::npos);
  EXPECT_TRUE(transport_.asked.url.empty()) << "nothing was asked";
}

TEST_F(RevokeSignIn, EndsASessionOfBluesky) {
  credentials_.service = "https://pds.example";
  credentials_.refresh_token = "r";
  EXPECT_TRUE(
      revoke_sign_in(transport_, budget_, clock_, "bluesky", "https://bsky.social", credentials_, {}));
  EXPECT_EQ(transport_.asked.url, "https://pds.example/xrpc/com.atproto.server.deleteSession");
  EXPECT_EQ(transport_.asked.headers.find("Authorization"), "Bearer r");
}

TEST_F(RevokeSignIn, TellsTheBudgetWhatTheServerSays) {
  credentials_.service = "https://pds.example";
  credentials_.refresh_token = "r";
  transport_.status = 429;
  transport_.headers = {{"Retry-After", "600"}};
  EXPECT_FALSE(
      revoke_sign_in(transport_, budget_, clock_, "bluesky", "https://bsky.social", credentials_, {}));
  EXPECT_GT(budget_.next(Priority::normal), clock_.now() + std::chrono::minutes(5));
}

TEST_F(RevokeSignIn, CountsInTheBudgetOfTheAccount) {
  credentials_.service = "https://pds.example";
  credentials_.refresh_token = "r";
  budget_.on_response(429, {{"Retry-After", "600"}});
  const auto done =
      revoke_sign_in(transport_, budget_, clock_, "bluesky", "https://bsky.social", credentials_, {});
  ASSERT_FALSE(done) << "whoever presses the button is not kept waiting";
  EXPECT_NE(done.error().safe.find("could not be told"), std::string::npos) << done.error().safe;
  EXPECT_TRUE(transport_.asked.url.empty()) << "nothing was asked";
}

TEST(RevokeSignInAtTheFake, TheTokenIsWorthNothingAfterwards) {
  if (const auto why = mastodon::FakeMastodon::missing()) GTEST_SKIP() << *why;
  mastodon::FakeMastodon fake;
  SystemClock clock;
  net::CurlTransport transport;
  RequestBudget budget(clock);
  mastodon::OAuth oauth({transport, budget, clock, fake.url()});
  const auto pending = oauth.begin(mastodon::kOutOfBand, {});
  ASSERT_TRUE(pending) << pending.error().safe;
  net::HttpRequest request;
  request.url = pending->authorize_url;
  request.redirects = net::Redirects::refuse;
  const auto redirect = transport.send(request, {});
  ASSERT_TRUE(redirect) << redirect.error().safe;
  const std::string place(redirect->headers.find("Location").value_or(""));
  const auto code = place.substr(place.find("code=") + 5);
  const auto signed_in = oauth.finish(*pending, {{"code", code.substr(0, code.find('&'))}}, {});
  ASSERT_TRUE(signed_in) << signed_in.error().safe << place;
  Credentials credentials;
  credentials.client_id = signed_in->app.client_id;
  credentials.client_secret = signed_in->app.client_secret;
  credentials.token = signed_in->token;
  ASSERT_TRUE(oauth.with_token(signed_in->token, {}));
  EXPECT_TRUE(revoke_sign_in(transport, budget, clock, "mastodon", fake.url(), credentials, {}));
  EXPECT_FALSE(oauth.with_token(signed_in->token, {}));
}

}  // namespace
}  // namespace linnet::connect
