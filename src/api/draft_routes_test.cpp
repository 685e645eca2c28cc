// Drafts through the API: one's own, and nobody else's.
#include <gtest/gtest.h>

#include "api/routes.hpp"
#include "kit/test_database.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

class DraftRoutesTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = store::Writer::start(**database_).value();
    api_ =
        std::make_unique<Api>(ApiDependencies{.database = **database_, .writer = *writer_, .clock = clock_});
  }

  Answer ask(const std::string& user, net::Method method, std::string_view pattern,
             std::vector<std::string> path = {}, std::string body = {}) {
    const auto request = net::Request::make(method, std::string(pattern), {}, std::move(body));
    govern::Who who;
    who.user_id = user;
    who.permissions = {Permission::open, Permission::read, Permission::act};
    net::Headers headers;
    std::string content_type;
    for (const auto& route : draft_routes()) {
      if (route.method != method || route.pattern != pattern) continue;
      EXPECT_FALSE(route.is_open_to({})) << pattern;
      return route.handler(Call{*api_, request, std::move(path), who, headers, content_type});
    }
    return internal_error("no such route");
  }
  Answer save(const std::string& user, const std::string& name, const std::string& body) {
    return ask(user, net::Method::post, "/api/v1/drafts/{name}", {name}, body);
  }
  Answer read(const std::string& user, const std::string& name) {
    return ask(user, net::Method::get, "/api/v1/drafts/{name}", {name});
  }

  ManualClock clock_{*parse_iso8601("2026-08-01T10:00:00Z")};
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<Api> api_;
};

TEST_P(DraftRoutesTest, AreKeptReadAndRemovedByTheirOwner) {
  const auto saved = save("ada", "reply 7", R"({"content": {"posts": [{"text": "Half a thought"}]}})");
  ASSERT_TRUE(saved) << saved.error().message;
  EXPECT_EQ(saved->at("replaced_another"), false);
  const auto draft = read("ada", "reply 7");
  ASSERT_TRUE(draft) << draft.error().message;
  EXPECT_EQ(draft->at("content").at("posts").at(0).at("text"), "Half a thought");
  EXPECT_EQ(draft->at("saved_at"), saved->at("saved_at"));
  EXPECT_FALSE(draft->as_object().contains("owner_id"));

  const auto others = read("bo", "reply 7");
  ASSERT_FALSE(others);
  EXPECT_EQ(others.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(ask("bo", net::Method::get, "/api/v1/drafts")->at("items").as_array().empty());
  const auto not_theirs = ask("bo", net::Method::post, "/api/v1/drafts/{name}/remove", {"reply 7"});
  ASSERT_FALSE(not_theirs);
  EXPECT_EQ(not_theirs.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(read("ada", "reply 7")) << "somebody else removed it";

  ASSERT_TRUE(ask("ada", net::Method::post, "/api/v1/drafts/{name}/remove", {"reply 7"}));
  EXPECT_FALSE(read("ada", "reply 7"));
}

TEST_P(DraftRoutesTest, SayWhetherAnotherStateWasReplaced) {
  const auto first = save("ada", "post", R"({"content": "one"})");
  ASSERT_TRUE(first);
  const auto seen = std::string(first->at("saved_at").as_string());
  EXPECT_EQ(
      save("ada", "post", R"({"content": "two", "seen_at": ")" + seen + R"("})")->at("replaced_another"),
      false);
  EXPECT_EQ(
      save("ada", "post", R"({"content": "three", "seen_at": ")" + seen + R"("})")->at("replaced_another"),
      true);
}

TEST_P(DraftRoutesTest, RefuseWhatIsNoDraft) {
  for (const std::string body :
       {R"({})", R"({"content": 1, "owner_id": "bo"})", R"({"content": 1, "seen_at": 5})"}) {
    const auto answer = save("ada", "post", body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid) << body;
  }
  EXPECT_TRUE(ask("ada", net::Method::get, "/api/v1/drafts")->at("items").as_array().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, DraftRoutesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

}  // namespace
}  // namespace linnet::api
