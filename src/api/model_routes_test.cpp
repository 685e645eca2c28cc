// Language models through the API: who may do what, that no key comes back, and that what was sent can be
// seen.
#include <gtest/gtest.h>

#include "api/routes.hpp"
#include "kit/test_database.hpp"
#include "llm/door_fixture.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;
using net::Method;

class ModelRoutesTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    LINNET_SKIP_WITHOUT(GetParam());
    database_ = std::make_unique<test::TestDatabase>(GetParam());
    writer_ = store::Writer::start(**database_).value();
    door_ = llm::make_language_models({.database = &**database_,
                                       .writer = writer_.get(),
                                       .box = &box_,
                                       .transport = &models_,
                                       .clock = &clock_});
    api_ =
        std::make_unique<Api>(ApiDependencies{.database = **database_, .writer = *writer_, .clock = clock_});
    api_->dependencies.box = &box_;
    api_->dependencies.language_models = door_.get();
  }

  static std::vector<Route> routes() {
    auto all = provider_routes();
    for (const auto family : {model_routes, prompt_routes}) {
      for (auto& route : family()) all.push_back(std::move(route));
    }
    return all;
  }
  Answer ask(Method method, std::string_view pattern, std::vector<std::string> path = {},
             std::string body = {}, std::string_view query = {}) {
    const auto request =
        net::Request::make(method, std::string(pattern) + std::string(query), {}, std::move(body));
    govern::Who who;
    who.name = "ada";
    net::Headers headers;
    std::string content_type;
    for (const auto& route : routes()) {
      if (route.method != method || route.pattern != pattern) continue;
      EXPECT_FALSE(route.is_open_to({})) << pattern;
      return route.handler(Call{*api_, request, std::move(path), who, headers, content_type});
    }
    return internal_error("no such route");
  }
  Answer add(const std::string& id, std::string body = R"({"privacy":"dm"})") {
    return ask(Method::post, "/api/v1/providers/{id}", {id}, std::move(body));
  }

  ManualClock clock_{*parse_iso8601("2026-08-01T10:00:00Z")};
  SecretBox box_ = SecretBox::from_hex(std::string(64, '7')).value();
  llm::PretendModels models_;
  std::unique_ptr<test::TestDatabase> database_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<llm::LanguageModels> door_;
  std::unique_ptr<Api> api_;
};

INSTANTIATE_TEST_SUITE_P(Engines, ModelRoutesTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgres), test::engine_name);

TEST_P(ModelRoutesTest, ProvidersAreAddedShownChangedAndRemoved) {
  const auto added = add("dspy::openai/gpt-4o-mini",
                         R"({"api_key":"sk-secret","cost_per_1k_tokens":0.15,"requests_per_minute":60})");
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->at("provider_id"), "dspy::openai/gpt-4o-mini");
  EXPECT_EQ(added->at("provider_type"), "dspy");
  EXPECT_EQ(added->at("has_key"), true);
  EXPECT_EQ(added->at("privacy"), "everybody");
  EXPECT_EQ(added->at("rate_limits").at("requests_per_minute"), 60);
  EXPECT_TRUE(added->at("health").is_null());
  const auto all = ask(Method::get, "/api/v1/providers");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->at("items").as_array().size(), 2U) << "and what Linnet does itself";
  EXPECT_EQ(json::serialize(*all).find("sk-secret"), std::string::npos);
  const auto changed = ask(Method::post, "/api/v1/providers/{id}/change", {"dspy::openai/gpt-4o-mini"},
                           R"({"enabled":false,"requests_per_minute":0})");
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->at("enabled"), false);
  EXPECT_TRUE(changed->at("rate_limits").at("requests_per_minute").is_null());
  EXPECT_EQ(changed->at("has_key"), true);
  EXPECT_EQ(add("dspy::openai/gpt-4o-mini").error().kind, ErrorKind::conflict);
  EXPECT_EQ(add("http://model").error().kind, ErrorKind::invalid);
  EXPECT_EQ(add("mlx::one", R"({"colour":"red"})").error().kind, ErrorKind::invalid);
  ASSERT_TRUE(ask(Method::post, "/api/v1/providers/{id}/remove", {"dspy::openai/gpt-4o-mini"}));
  EXPECT_EQ(ask(Method::get, "/api/v1/providers/{id}", {"dspy::openai/gpt-4o-mini"}).error().kind,
            ErrorKind::not_found);
}

TEST_P(ModelRoutesTest, WhatWasSentCanBeSeenAndWhatItCost) {
  ASSERT_TRUE(add("mlx::one", R"({"cost_per_1k_tokens":1,"privacy":"dm"})"));
  models_.answer(
      [](const net::HttpRequest&) -> Result<net::HttpResponse> { return llm::chat_saying("Hello."); });
  EXPECT_EQ(ask(Method::post, "/api/v1/language-models/ask", {}, R"({"text":"Say hello"})").error().kind,
            ErrorKind::rate_limited)
      << "nobody said what it may cost";
  const auto budget = ask(Method::post, "/api/v1/language-models/budget", {}, R"({"monthly":5})");
  ASSERT_TRUE(budget) << budget.error().message;
  EXPECT_EQ(budget->at("limit_micros"), 5'000'000);
  const auto said = ask(Method::post, "/api/v1/language-models/ask", {}, R"({"text":"Say hello"})");
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->at("text"), "Hello.");
  EXPECT_NE(std::string_view(said->at("sent").as_string()).find("Say hello"), std::string_view::npos);
  EXPECT_EQ(said->at("cost_micros"), 15'000);
  EXPECT_EQ(ask(Method::get, "/api/v1/language-models/budget")->at("spent_micros"), 15'000);
  const auto calls = ask(Method::get, "/api/v1/language-models/calls", {}, {}, "?provider=mlx%3A%3Aone");
  ASSERT_TRUE(calls) << calls.error().message;
  ASSERT_EQ(calls->at("items").as_array().size(), 1U);
  EXPECT_EQ(calls->at("items").at(0).at("asked_by"), "user ada");
  EXPECT_FALSE(calls->at("items").at(0).as_object().contains("cache_key"));
  const auto one = ask(Method::get, "/api/v1/language-models/calls/{id}",
                       {std::string(std::string_view(said->at("call").as_string()))});
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->at("answer"), "Hello.");
  EXPECT_EQ(ask(Method::get, "/api/v1/language-models/calls/{id}", {"none"}).error().kind,
            ErrorKind::not_found);
  const auto use = ask(Method::get, "/api/v1/language-models/use");
  ASSERT_TRUE(use) << use.error().message;
  EXPECT_EQ(use->at("items").at(0).at("day"), "2026-08-01");
}

TEST_P(ModelRoutesTest, AProviderIsTested) {
  ASSERT_TRUE(add("mlx::one"));
  models_.answer(
      [](const net::HttpRequest&) -> Result<net::HttpResponse> { return llm::chat_saying("Here."); });
  const auto tested = ask(Method::post, "/api/v1/providers/{id}/test", {"mlx::one"});
  ASSERT_TRUE(tested) << tested.error().message;
  EXPECT_EQ(tested->at("text"), "Here.");
  EXPECT_FALSE(ask(Method::get, "/api/v1/providers/{id}", {"mlx::one"})->at("health").is_null());
  models_.answer(
      [](const net::HttpRequest&) -> Result<net::HttpResponse> { return llm::answer_of(500, "no"); });
  EXPECT_FALSE(ask(Method::post, "/api/v1/providers/{id}/test", {"mlx::one"}));
}

TEST_P(ModelRoutesTest, PromptsAreListedWrittenAndChosen) {
  const auto all = ask(Method::get, "/api/v1/prompts");
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_GE(all->at("items").as_array().size(), 2U);
  const auto written =
      ask(Method::post, "/api/v1/prompts/{name}/versions", {"plain"}, R"({"user_text":"{{text}}!"})");
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->at("version"), "e1");
  const auto used = ask(Method::post, "/api/v1/prompts/{name}/use/{version}", {"plain", "e1"});
  ASSERT_TRUE(used) << used.error().message;
  EXPECT_EQ(used->at("is_in_use"), true);
  EXPECT_EQ(ask(Method::get, "/api/v1/prompts/{name}", {"plain"})->at("version"), "e1");
  EXPECT_EQ(ask(Method::get, "/api/v1/prompts/{name}", {"plain"}, {}, "?version=1")->at("version"), "1");
  EXPECT_EQ(
      ask(Method::post, "/api/v1/prompts/{name}/compare/{first}/{second}", {"plain", "1", "e1"}).error().kind,
      ErrorKind::not_found)
      << "there is no post to compare them on";
}

}  // namespace
}  // namespace linnet::api
