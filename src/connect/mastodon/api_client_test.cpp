// What servers answer, and what Linnet makes of it.
#include "connect/mastodon/api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "connect/mastodon/oauth.hpp"
#include "connect/mastodon/pretend_server.hpp"

namespace linnet::connect::mastodon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const Instant kNow = parse_iso8601("2026-08-01T12:00:00Z").value();

net::HttpResponse answer(int status, std::string body, net::Headers headers = {}) {
  return {status, std::move(headers), std::move(body), {}};
}

// Time passes only while somebody sleeps.
class QuickClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  bool sleep_until(Instant deadline, const std::stop_token& stop) override {
    if (stop.stop_requested()) return false;
    slept_ += std::max(Duration{0}, deadline - now_);
    now_ = std::max(now_, deadline);
    return true;
  }
  Duration slept_{};
  Instant now_ = kNow;
};

class ApiClientTest : public testing::Test {
 protected:
  ApiOptions options(std::string token = "secret-token") {
    ApiOptions made;
    made.base_url = "https://example.social";
    made.token = std::move(token);
    return made;
  }
  Result<StatusPage> timeline(PageQuery query = {}) {
    return api_.timeline(public_, query, stop_.get_token());
  }

  StreamKind public_ = StreamKind::parse("public").value();
  std::stop_source stop_;
  QuickClock clock_;
  PretendServer server_;
  RequestBudget budget_{clock_};
  ApiClient api_{server_, budget_, options()};
};

TEST_F(ApiClientTest, cuts_statuses_out_of_a_page_without_writing_them_anew) {
  const std::string odd = "{ \"x\" : [1, {\"a\":\"]},{\"}],\n \"id\": \"5\",\"edited_at\":\"2026\" }";
  server_.answer_next(
      answer(200, "[" + odd + ", 7, {\"no\":\"id\"},{\"id\":6}]",
             {{"Link", "<https://example.social/api/v1/timelines/public?max_id=3>; rel=\"next\""}}));
  const auto page = timeline().value();
  ASSERT_EQ(page.statuses.size(), 2U);
  EXPECT_EQ(page.statuses[0].json, odd);
  EXPECT_EQ(page.statuses[0].edited_at, "2026");
  EXPECT_EQ(page.statuses[1].id, "6");
  EXPECT_EQ(page.unreadable, 2U);
  EXPECT_EQ(page.next_max_id, "3");
  EXPECT_EQ(server_.last_header("Authorization"), "Bearer secret-token");
}

// GoToSocial answers so until somebody uses the hashtag.
TEST_F(ApiClientTest, a_hashtag_that_the_server_never_saw_is_an_empty_timeline) {
  server_.answer_next(answer(404, R"({"error":"Not Found"})"));
  const auto page = api_.timeline(StreamKind::parse("hashtag:boats").value(), {}, stop_.get_token());
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->statuses.empty());
  server_.answer_next(answer(404, R"({"error":"Not Found"})"));
  EXPECT_FALSE(api_.timeline(StreamKind::parse("list:5").value(), {}, stop_.get_token()));
}

TEST_F(ApiClientTest, a_list_of_follows_says_when_it_is_cut) {
  const auto page = [&](std::string body, net::Headers headers) {
    auto response = answer(200, std::move(body), std::move(headers));
    response.url = "https://example.social/api/v1/accounts/7/followers?limit=80";
    server_.answer_next(std::move(response));
    return api_.follows(FollowSide::followers, "7", std::nullopt, stop_.get_token()).value();
  };
  EXPECT_FALSE(page(R"([{"id":"1"}])", {}).is_cut);
  EXPECT_TRUE(page(R"([{"id":"1"}])", {{"Link", "<https://inner:3000/other?max_id=1>; rel=next"}}).is_cut);
  EXPECT_TRUE(page(R"([{"id":"1"},{"id":null}])", {}).is_cut) << "somebody in it was not understood";
  std::string full = "[";
  for (int i = 0; i < 80; ++i) full += (i > 0 ? ",{\"id\":" : "{\"id\":") + std::to_string(i) + "}";
  EXPECT_TRUE(page(full + "]", {}).is_cut) << "a full page that tells of no other";
  const auto proxied =
      page(full + "]", {{"Link", "<http://inner:3000/api/v1/accounts/7/followers?max_id=1>; rel=next"}});
  EXPECT_FALSE(proxied.is_cut);
  EXPECT_EQ(proxied.next_url, "https://example.social/api/v1/accounts/7/followers?max_id=1");
  EXPECT_EQ(proxied.ids.size(), 80U);
}

TEST(StreamKindTest, local_and_remote_are_told_apart_where_the_server_gives_both) {
  const auto base = "https://example.social";
  const auto remote = StreamKind::parse("public:remote").value();
  const auto local = StreamKind::parse("public:local").value();
  for (const char* acct : {"ada", "ada@Example.social"}) {
    EXPECT_FALSE(remote.has_posts_of(acct, base)) << acct;
    EXPECT_TRUE(local.has_posts_of(acct, base)) << acct;
  }
  EXPECT_TRUE(remote.has_posts_of("ada@far.example", base));
  EXPECT_FALSE(local.has_posts_of("ada@far.example", base));
  EXPECT_TRUE(remote.has_posts_of("", base)) << "what tells nothing is taken";
  EXPECT_TRUE(StreamKind::parse("public").value().has_posts_of("ada", base));
}

TEST_F(ApiClientTest, says_what_each_failure_means) {
  const struct {
    int status;
    ErrorKind kind;
    const char* words;
  } cases[] = {{401, ErrorKind::denied, "sign in again"}, {403, ErrorKind::denied, "refuses"},
               {404, ErrorKind::not_found, "no such"},    {410, ErrorKind::not_found, "no such"},
               {422, ErrorKind::invalid, "422"},          {500, ErrorKind::unavailable, "500"},
               {502, ErrorKind::unavailable, "502"},      {302, ErrorKind::unavailable, "302"}};
  for (const auto& one : cases) {
    server_.answer_next(answer(one.status, R"({"error":"its own words"})"));
    const auto page = timeline();
    ASSERT_FALSE(page.ok()) << one.status;
    EXPECT_EQ(page.error().kind, one.kind) << one.status;
    EXPECT_THAT(page.error().safe, HasSubstr(one.words)) << one.status;
    EXPECT_THAT(page.error().safe, HasSubstr("https://example.social")) << one.status;
    EXPECT_THAT(page.error().message, Not(HasSubstr("secret-token")));
  }
}

TEST_F(ApiClientTest, a_page_of_html_is_no_answer) {
  for (const char* body : {"<!DOCTYPE html><p>Down for maintenance", "", "   ", "oops"}) {
    server_.answer_next(answer(200, body, {{"Content-Type", "text/html"}}));
    const auto page = timeline();
    ASSERT_FALSE(page.ok()) << body;
    EXPECT_EQ(page.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(page.error().safe, HasSubstr("page instead of data"));
  }
  for (const char* body : {"[{\"id\":\"1\"", "{}", "[{\"id\":\"1\"},{\"id\""}) {
    server_.answer_next(answer(200, body));
    EXPECT_EQ(timeline().error().kind, ErrorKind::unavailable) << body;
  }
}

TEST_F(ApiClientTest, a_redirect_to_another_host_means_the_server_is_not_there) {
  server_.fail_next(invalid("redirected to another host: https://evil.example"));
  const auto page = timeline();
  EXPECT_EQ(page.error().kind, ErrorKind::unavailable);
  EXPECT_THAT(page.error().safe, HasSubstr("evil.example"));
}

TEST_F(ApiClientTest, waits_as_long_as_a_429_says_and_asks_again) {
  server_.answer_next(answer(429, "{}", {{"Retry-After", "90"}}));
  EXPECT_TRUE(timeline().ok());
  EXPECT_GE(clock_.slept_, std::chrono::seconds(90));
  EXPECT_LT(clock_.slept_, std::chrono::seconds(120));
  EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(ApiClientTest, understands_the_reset_time_of_mastodon) {
  server_.answer_next(answer(429, "{}",
                             {{"X-RateLimit-Limit", "300"},
                              {"X-RateLimit-Remaining", "0"},
                              {"X-RateLimit-Reset", "2026-08-01T12:05:00.000000Z"}}));
  EXPECT_TRUE(timeline().ok());
  EXPECT_GE(clock_.now(), parse_iso8601("2026-08-01T12:05:00Z").value());
}

TEST_F(ApiClientTest, gives_up_when_a_server_only_ever_says_429_or_asks_for_hours) {
  for (int i = 0; i < 3; ++i) server_.answer_next(answer(429, "{}", {{"Retry-After", "1"}}));
  EXPECT_EQ(timeline().error().kind, ErrorKind::rate_limited);
  server_.answer_next(answer(429, "{}", {{"Retry-After", "7200"}}));
  EXPECT_EQ(timeline().error().kind, ErrorKind::rate_limited);
}

TEST_F(ApiClientTest, background_work_leaves_half_of_the_budget_to_others) {
  net::Headers headers{{"X-RateLimit-Limit", "300"},
                       {"X-RateLimit-Remaining", "140"},
                       {"X-RateLimit-Reset", "2026-08-01T12:05:00Z"}};
  server_.answer_next(answer(200, "[]", headers));
  ASSERT_TRUE(timeline().ok());
  ASSERT_TRUE(timeline().ok());
  EXPECT_LT(clock_.slept_, std::chrono::seconds(10)) << "who waits is served";
  ASSERT_TRUE(api_.statuses({"1"}, Priority::background, stop_.get_token()).ok());
  EXPECT_GE(clock_.now(), parse_iso8601("2026-08-01T12:05:00Z").value());
  EXPECT_EQ(budget_.view()->limit, 300);
}

TEST_F(ApiClientTest, a_stop_ends_the_waiting) {
  server_.answer_next(answer(429, "{}", {{"Retry-After", "60"}}));
  server_.on_request = [&](const net::HttpRequest&) { stop_.request_stop(); };
  EXPECT_EQ(timeline().error().kind, ErrorKind::cancelled);
}

TEST_F(ApiClientTest, asks_for_several_statuses_at_once) {
  for (const char* id : {"1", "2", "3"}) server_.publish(id);
  const auto batch = api_.statuses({"1", "3", "9"}, Priority::normal, stop_.get_token()).value();
  ASSERT_EQ(batch.statuses.size(), 2U);
  EXPECT_THAT(batch.missing, ElementsAre("9"));
  EXPECT_THAT(server_.requests(), ElementsAre("GET /api/v1/statuses?id%5B%5D=1&id%5B%5D=3&id%5B%5D=9"));
}

TEST_F(ApiClientTest, asks_one_by_one_where_the_server_cannot_and_remembers_it) {
  server_.has_batches = false;
  server_.publish("1");
  server_.remove("2", 410);
  for (int round = 0; round < 2; ++round) {
    const auto batch = api_.statuses({"1", "2", "3"}, Priority::normal, stop_.get_token()).value();
    EXPECT_EQ(batch.statuses.size(), 1U);
    EXPECT_TRUE(batch.one_by_one);
    EXPECT_THAT(batch.missing, ElementsAre("2", "3"));
    EXPECT_THAT(batch.gone, ElementsAre("2"));
  }
  EXPECT_EQ(server_.requests().size(), 1U + 3U + 3U);
}

TEST_F(ApiClientTest, asks_for_fewer_where_forty_are_too_many) {
  server_.batch_limit = 20;
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(std::to_string(i));
  EXPECT_TRUE(api_.statuses(ids, Priority::normal, stop_.get_token()).ok());
  EXPECT_EQ(api_.batch_limit(), 20U);
  EXPECT_EQ(server_.requests().size(), 3U) << "in halves at once, and in batches of twenty from then on";
}

TEST_F(ApiClientTest, finds_the_streams_of_new_and_old_servers) {
  server_.answer_next(answer(
      200, R"({"version":"4.6.4","configuration":{"urls":{"streaming":"wss://streaming.example.social"}}})"));
  EXPECT_EQ(api_.instance(stop_.get_token())->streaming_url, "wss://streaming.example.social");
  server_.answer_next(answer(404, "{}"));
  server_.answer_next(
      answer(200, R"({"version":"2.4.3","urls":{"streaming_api":"wss://old.example.social/"}})"));
  EXPECT_EQ(api_.instance(stop_.get_token())->streaming_url, "wss://old.example.social");
  for (const char* body :
       {R"({"version":"x"})", R"({"configuration":{"urls":{"streaming":"ws://open.example"}}})",
        R"({"configuration":{"urls":{"streaming":"javascript:x"}}})"}) {
    server_.answer_next(answer(200, body));
    EXPECT_EQ(api_.instance(stop_.get_token())->streaming_url, "wss://example.social") << body;
  }
}

TEST_F(ApiClientTest, ids_sort_by_time_whichever_server_made_them) {
  EXPECT_TRUE(id_less("99", "100"));
  EXPECT_TRUE(id_less("01HZX5V1S1D3V2T7CEDYP3N8QZ", "01HZX5V1S2D3V2T7CEDYP3N8QZ"));
  EXPECT_EQ(id_earlier("117020569296803689", 1000), std::to_string(117020569296803689 - (1000LL << 16)));
  EXPECT_FALSE(id_earlier("42", 1000));
  EXPECT_FALSE(id_earlier("01HZX5V1S1D3V2T7CEDYP3N8QZ", 1000));
}

TEST_F(ApiClientTest, signing_in_asks_to_read_and_proves_itself) {
  OAuth oauth({server_, budget_, clock_, "https://example.social"});
  server_.answer_next(answer(200, R"({"client_id":"cid","client_secret":"shh"})"));
  server_.answer_next(answer(200, R"({"code_challenge_methods_supported":["S256"]})"));
  const auto pending = oauth.begin("http://127.0.0.1:1234/callback", stop_.get_token()).value();
  EXPECT_THAT(pending.authorize_url, StartsWith("https://example.social/oauth/authorize?"));
  EXPECT_THAT(pending.authorize_url, HasSubstr("scope=read&"));
  EXPECT_THAT(pending.authorize_url, HasSubstr("code_challenge_method=S256"));
  EXPECT_THAT(pending.authorize_url, HasSubstr("state=" + pending.state));
  EXPECT_THAT(pending.authorize_url, Not(HasSubstr("shh")));

  std::string form;
  server_.on_request = [&](const net::HttpRequest& request) {
    if (request.method == "POST") form = request.body;
  };
  server_.answer_next(answer(200, R"({"access_token":"tok"})"));
  server_.answer_next(answer(200, R"({"id":"7","username":"ada","display_name":"Ada"})"));
  const auto signed_in = oauth.finish(pending, {{"code", " the-code\n"}}, stop_.get_token()).value();
  EXPECT_EQ(signed_in.token, "tok");
  EXPECT_EQ(signed_in.account.username, "ada");
  EXPECT_THAT(form, HasSubstr("code=the-code&"));
  EXPECT_THAT(form, HasSubstr("code_verifier=" + pending.code_verifier));
}

TEST_F(ApiClientTest, signing_in_leaves_pkce_out_where_the_server_does_not_know_it) {
  OAuth oauth({server_, budget_, clock_, "https://example.social"});
  server_.answer_next(answer(200, R"({"client_id":"cid","client_secret":"shh"})"));
  const auto pending = oauth.begin(kOutOfBand, stop_.get_token()).value();
  EXPECT_EQ(pending.code_verifier, "");
  EXPECT_THAT(pending.authorize_url, Not(HasSubstr("code_challenge")));
}

TEST_F(ApiClientTest, the_small_budget_of_registrations_does_not_slow_the_sign_in) {
  OAuth oauth({server_, budget_, clock_, "https://example.social"});
  const net::Headers few{{"X-RateLimit-Limit", "5"},
                         {"X-RateLimit-Remaining", "0"},
                         {"X-RateLimit-Reset", "2026-08-01T12:10:00Z"}};
  server_.answer_next(answer(200, R"({"client_id":"cid","client_secret":"shh"})", few));
  const auto pending = oauth.begin(kOutOfBand, stop_.get_token()).value();
  server_.answer_next(answer(200, R"({"access_token":"tok"})"));
  server_.answer_next(answer(200, R"({"id":"7","username":"ada"})"));
  EXPECT_TRUE(oauth.finish(pending, {{"code", "code"}}, stop_.get_token()).ok());
  EXPECT_EQ(clock_.slept_, Duration{0});
}

// Registrations in memory.
struct Notebook {
  std::vector<AppRegistration> apps;
  std::vector<std::string> forgotten;

  KeptApps kept() {
    return {[this] { return Result<std::vector<AppRegistration>>(apps); },
            [this](const AppRegistration& app) -> Status {
              auto kept = app;
              if (kept.kept_as.empty()) kept.kept_as = "app " + kept.client_id;
              std::erase_if(apps, [&](const auto& old) { return old.kept_as == kept.kept_as; });
              apps.push_back(kept);
              return {};
            },
            [this](const AppRegistration& app) -> Status {
              forgotten.push_back(app.client_id);
              std::erase_if(apps, [&](const auto& old) { return old.kept_as == app.kept_as; });
              return {};
            }};
  }
};

TEST_F(ApiClientTest, the_next_sign_in_registers_nothing) {
  Notebook notebook;
  OAuth oauth({server_, budget_, clock_, "https://example.social"}, kScopes, notebook.kept());
  server_.answer_next(answer(200, R"({"client_id":"cid","client_secret":"shh"})"));
  ASSERT_TRUE(oauth.begin(kOutOfBand, stop_.get_token()).ok());
  ASSERT_EQ(notebook.apps.size(), 1U);
  EXPECT_EQ(notebook.apps[0].client_secret, "shh");

  server_.answer_next(answer(200, R"({"access_token":"of the app"})"));
  const auto second = oauth.begin(kOutOfBand, stop_.get_token()).value();
  EXPECT_EQ(second.app.client_id, "cid");
  EXPECT_EQ(notebook.apps[0].app_token, "of the app");
  server_.answer_next(answer(200, R"({"name":"Linnet"})"));
  const auto third = oauth.begin(kOutOfBand, stop_.get_token()).value();
  EXPECT_EQ(third.app.client_id, "cid");
  const auto asked = server_.requests();
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "POST /api/v1/apps"), 1);
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "POST /oauth/token"), 1);
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "GET /api/v1/apps/verify_credentials"), 1);
}

TEST_F(ApiClientTest, a_registration_that_the_server_forgot_is_made_anew) {
  Notebook notebook;
  notebook.apps = {{"old", "shh", std::string(kOutOfBand), "its token", "app old"}};
  OAuth oauth({server_, budget_, clock_, "https://example.social"}, kScopes, notebook.kept());
  server_.answer_next(answer(401, R"({"error":"The access token is invalid"})"));
  server_.answer_next(answer(401, R"({"error":"invalid_client"})"));
  server_.answer_next(answer(200, R"({"client_id":"new","client_secret":"hush"})"));
  const auto pending = oauth.begin(kOutOfBand, stop_.get_token()).value();
  EXPECT_EQ(pending.app.client_id, "new");
  EXPECT_EQ(notebook.forgotten, std::vector<std::string>{"old"});
  ASSERT_EQ(notebook.apps.size(), 1U);
  EXPECT_EQ(notebook.apps[0].client_id, "new");
}

TEST_F(ApiClientTest, a_registration_of_which_the_server_cannot_tell_is_kept) {
  Notebook notebook;
  notebook.apps = {{"old", "shh", std::string(kOutOfBand), "", "app old"}};
  OAuth oauth({server_, budget_, clock_, "https://example.social"}, kScopes, notebook.kept());
  server_.answer_next(answer(503, "busy"));
  server_.answer_next(answer(200, R"({"client_id":"new","client_secret":"hush"})"));
  EXPECT_EQ(oauth.begin(kOutOfBand, stop_.get_token())->app.client_id, "new");
  EXPECT_TRUE(notebook.forgotten.empty());
  EXPECT_EQ(notebook.apps.size(), 2U);
}

TEST_F(ApiClientTest, a_registration_for_another_address_is_not_used) {
  Notebook notebook;
  notebook.apps = {{"browser", "shh", "http://127.0.0.1:4000/callback", "token", "app browser"}};
  OAuth oauth({server_, budget_, clock_, "https://example.social"}, kScopes, notebook.kept());
  server_.answer_next(answer(200, R"({"client_id":"new","client_secret":"hush"})"));
  EXPECT_EQ(oauth.begin(kOutOfBand, stop_.get_token())->app.client_id, "new");
}

TEST_F(ApiClientTest, signing_in_fails_in_words) {
  OAuth oauth({server_, budget_, clock_, "https://example.social"});
  server_.answer_next(answer(200, "<html>"));
  EXPECT_THAT(oauth.begin(kOutOfBand, stop_.get_token()).error().safe, HasSubstr("is the address right"));
  server_.answer_next(answer(400, R"({"error":"invalid_grant","error_description":"The code is used up"})"));
  const auto refused = oauth.finish({}, {{"code", "code"}}, stop_.get_token());
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_THAT(refused.error().safe, HasSubstr("used up"));
  for (const char* token : {"", "  ", "two words", "with\r\nHeader: x"}) {
    EXPECT_EQ(oauth.with_token(token, stop_.get_token()).error().kind, ErrorKind::invalid) << token;
  }
  server_.answer_next(answer(401, R"({"error":"The access token is invalid"})"));
  EXPECT_EQ(oauth.with_token("pasted", stop_.get_token()).error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace linnet::connect::mastodon
