// Signing in by the browser: bound to whoever began it, once, in time, and only where the way back is safe.
#include "connect/browser_sign_ins.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "net/url.hpp"

namespace linnet::connect {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

// Answers by the address that is asked.
class Answers final : public net::HttpTransport {
 public:
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token /*stop*/) override {
    bodies[request.url] = request.body;
    const auto place = answers.find(request.url);
    net::HttpResponse response;
    response.status = place == answers.end() ? 404 : 200;
    response.body = place == answers.end() ? "{}" : json::serialize(place->second);
    return response;
  }
  std::map<std::string, json::value> answers;
  std::map<std::string, std::string> bodies;
};

constexpr auto kHere = "http://127.0.0.1:7450";
constexpr auto kDid = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";

class BrowserSignInsTest : public testing::Test {
 protected:
  BrowserSignInsTest() {
    server_.answers["https://home.example/api/v1/apps"] = {{"client_id", "c"}, {"client_secret", "s"}};
    server_.answers["https://home.example/oauth/token"] = {{"access_token", "t0ken"}};
    server_.answers["https://home.example/api/v1/accounts/verify_credentials"] = {
        {"id", "7"}, {"username", "ada"}, {"display_name", "Ada"}};
    server_.answers["https://pds.example/.well-known/oauth-protected-resource"] = {
        {"authorization_servers", {"https://pds.example"}}};
    server_.answers["https://pds.example/.well-known/oauth-authorization-server"] = {
        {"issuer", "https://pds.example"},
        {"authorization_endpoint", "https://pds.example/authorize"},
        {"token_endpoint", "https://pds.example/token"},
        {"pushed_authorization_request_endpoint", "https://pds.example/par"}};
    server_.answers["https://pds.example/par"] = {{"request_uri", "urn:1"}};
    server_.answers["https://pds.example/token"] = {
        {"token_type", "DPoP"}, {"access_token", "t"}, {"refresh_token", "r"}, {"sub", kDid}};
    server_.answers[std::string("https://plc.example/") + kDid] = {
        {"id", kDid},
        {"alsoKnownAs", {"at://ada.example"}},
        {"service", {{{"id", "#atproto_pds"}, {"serviceEndpoint", "https://pds.example"}}}}};
  }

  static BrowserSignIns::Wanted wanted(const std::string& platform = "mastodon") {
    BrowserSignIns::Wanted wanted;
    wanted.platform = platform;
    wanted.address = platform == "bluesky" ? "https://pds.example" : "https://home.example";
    wanted.origin = kHere;
    wanted.pass = "session a";
    return wanted;
  }
  // Of what the browser is sent to.
  static std::string parameter(const std::string& url, std::string_view name) {
    for (const auto& [key, value] : net::parse_query(net::parse_url(url)->query))
      if (key == name) return value;
    return {};
  }
  // As the network sends the browser back.
  BrowserSignIns::Answer back_from(const BrowserSignIns::Wanted& wanted) {
    const auto begun = sign_ins_.begin(wanted);
    EXPECT_TRUE(begun) << begun.error().message;
    if (!begun) return {};
    if (wanted.platform == "mastodon")
      return {{"state", parameter(begun->authorize_url, "state")}, {"code", "c"}};
    const auto pushed = net::parse_query(server_.bodies["https://pds.example/par"]);
    const auto state =
        std::find_if(pushed.begin(), pushed.end(), [](const auto& field) { return field.first == "state"; });
    return {{"state", state->second}, {"code", "c"}, {"iss", "https://pds.example"}};
  }
  std::string why_not(const std::string& platform, const std::string& origin) {
    auto given = wanted(platform);
    given.origin = origin;
    const auto begun = sign_ins_.begin(given);
    if (begun) return "";
    EXPECT_EQ(begun.error().kind, ErrorKind::invalid);
    return begun.error().safe;
  }

  ManualClock clock_{parse_iso8601("2026-08-01T12:00:00Z").value()};
  Answers server_;
  std::vector<SignedInAccount> kept_;
  Status may_add_;
  std::vector<AppRegistration> apps_;
  RequestBudgets budgets_{clock_};
  PlatformSettings settings_{.plc_directory = "https://plc.example"};
  BrowserSignIns sign_ins_{server_,
                           clock_,
                           budgets_,
                           settings_,
                           {[this](const SignedInAccount& account) -> Result<AccountId> {
                              kept_.push_back(account);
                              return AccountId("id");
                            },
                            [this](const std::string&, const std::string&) { return may_add_; },
                            [this](const std::string&, const std::string&, bool) {
                              KeptApps kept;
                              kept.list = [this] { return Result<std::vector<AppRegistration>>(apps_); };
                              kept.keep = [this](const AppRegistration& app) {
                                apps_.push_back(app);
                                return Status();
                              };
                              kept.forget = [](const AppRegistration&) { return Status(); };
                              return kept;
                            }}};
};

TEST_F(BrowserSignInsTest, SendsNobodyAwayWhereNoAccountMayBeAdded) {
  may_add_ = Error::of(ErrorKind::denied, "mastodon is switched off");
  EXPECT_EQ(sign_ins_.begin(wanted()).error().safe, "mastodon is switched off");
  EXPECT_TRUE(server_.bodies.empty());
}

TEST_F(BrowserSignInsTest, UsesARegistrationAgain) {
  server_.answers["https://home.example/api/v1/apps/verify_credentials"] = {{"name", "Linnet"}};
  ASSERT_TRUE(sign_ins_.begin(wanted()));
  ASSERT_EQ(apps_.size(), 1U);
  apps_[0].app_token = "of the app";
  server_.bodies.clear();
  const auto again = sign_ins_.begin(wanted());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(parameter(again->authorize_url, "client_id"), "c");
  EXPECT_FALSE(server_.bodies.contains("https://home.example/api/v1/apps"));
}

TEST_F(BrowserSignInsTest, SignsInToMastodonAndComesBackToOurPage) {
  const auto begun = sign_ins_.begin(wanted());
  ASSERT_TRUE(begun) << begun.error().message;
  EXPECT_EQ(begun->authorize_url.find("https://home.example/oauth/authorize?"), 0U);
  EXPECT_EQ(parameter(begun->authorize_url, "redirect_uri"), "http://127.0.0.1:7450/accounts/signed-in");
  EXPECT_THAT(parameter(begun->authorize_url, "scope"), HasSubstr("write:statuses"));
  const auto id =
      sign_ins_.finish({{"state", parameter(begun->authorize_url, "state")}, {"code", "c"}}, "session a");
  ASSERT_TRUE(id) << id.error().message;
  ASSERT_EQ(kept_.size(), 1U);
  EXPECT_EQ(kept_[0].user_id, "7");
  EXPECT_EQ(kept_[0].username, "ada");
  EXPECT_EQ(kept_[0].address, "https://home.example");
  EXPECT_EQ(kept_[0].credentials.token, "t0ken");
  EXPECT_FALSE(kept_[0].expected);
}

TEST_F(BrowserSignInsTest, AsksForNoMoreThanIsWanted) {
  auto reading = wanted();
  reading.acts = false;
  EXPECT_EQ(parameter(sign_ins_.begin(reading)->authorize_url, "scope"), "read");
}

TEST_F(BrowserSignInsTest, SignsInToBluesky) {
  auto again = wanted("bluesky");
  again.expected = AccountId("theirs");
  const auto id = sign_ins_.finish(back_from(again), "session a");
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(kept_.at(0).user_id, kDid);
  EXPECT_EQ(kept_.at(0).username, "ada.example");
  EXPECT_EQ(kept_.at(0).expected, AccountId("theirs"));
}

TEST_F(BrowserSignInsTest, IsFinishedOnceAndByWhoeverBeganIt) {
  const auto answer = back_from(wanted());
  EXPECT_EQ(sign_ins_.finish(answer, "session b").error().kind, ErrorKind::invalid);
  EXPECT_EQ(sign_ins_.finish({{"state", "made up"}, {"code", "c"}}, "session a").error().kind,
            ErrorKind::invalid);
  EXPECT_EQ(sign_ins_.finish({{"code", "c"}}, "session a").error().kind, ErrorKind::invalid);
  EXPECT_TRUE(kept_.empty());
  EXPECT_TRUE(sign_ins_.finish(answer, "session a"));
  EXPECT_EQ(sign_ins_.finish(answer, "session a").error().kind, ErrorKind::invalid);
  EXPECT_EQ(kept_.size(), 1U);
}

TEST_F(BrowserSignInsTest, Expires) {
  const auto answer = back_from(wanted());
  clock_.advance(BrowserSignIns::kPatience);
  EXPECT_EQ(sign_ins_.finish(answer, "session a").error().kind, ErrorKind::invalid);
  EXPECT_TRUE(kept_.empty());
}

TEST_F(BrowserSignInsTest, KeepsOnlySoManyUnderWay) {
  const auto first = back_from(wanted());
  clock_.advance(std::chrono::seconds(1));
  const auto second = back_from(wanted());
  for (std::size_t i = 2; i <= BrowserSignIns::kMostUnderWay; ++i) back_from(wanted());
  EXPECT_FALSE(sign_ins_.finish(first, "session a"));
  EXPECT_TRUE(sign_ins_.finish(second, "session a"));
}

TEST_F(BrowserSignInsTest, SaysThatThePersonSaidNo) {
  auto answer = back_from(wanted());
  answer.erase("code");
  answer["error_description"] = "The resource owner denied the request.";
  const auto finished = sign_ins_.finish(answer, "session a");
  EXPECT_EQ(finished.error().kind, ErrorKind::denied);
  EXPECT_THAT(finished.error().safe, HasSubstr("The resource owner denied the request."));
  EXPECT_TRUE(kept_.empty());
}

TEST_F(BrowserSignInsTest, NamesWhatIsWrong) {
  auto other = wanted();
  other.platform = "myspace";
  EXPECT_THAT(sign_ins_.begin(other).error().safe,
              HasSubstr("platform: expected mastodon or bluesky or discord"));
  other = wanted();
  other.address = "not a server";
  EXPECT_EQ(sign_ins_.begin(other).error().kind, ErrorKind::invalid);
}

TEST_F(BrowserSignInsTest, BeginsOnlyWhereTheWayBackIsSafe) {
  EXPECT_EQ(why_not("mastodon", "https://linnet.example"), "");
  EXPECT_EQ(why_not("mastodon", "http://localhost:7450"), "");
  EXPECT_EQ(why_not("mastodon", "http://[::1]:7450"), "");
  EXPECT_THAT(why_not("mastodon", "http://linnet.example"), HasSubstr("access token"));
  EXPECT_NE(why_not("mastodon", "http://127.0.0.1.example"), "");
  EXPECT_EQ(why_not("bluesky", kHere), "");
  EXPECT_EQ(why_not("bluesky", "http://[::1]:7450"), "");
  EXPECT_THAT(why_not("bluesky", "http://localhost:7450"), HasSubstr("http://127.0.0.1:7450"));
  EXPECT_THAT(why_not("bluesky", "https://linnet.example"), HasSubstr("app password"));
}

}  // namespace
}  // namespace linnet::connect
