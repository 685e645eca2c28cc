// What the API's document says of requests and answers can be used by a program that knows nothing else.
#include <gtest/gtest.h>

#include <set>

#include "api/routes.hpp"
#include "app/rooms/rooms.hpp"

namespace linnet::app {
namespace {

namespace json = boost::json;
using api::openapi_document;
using api::Route;

void collect_references(const json::value& value, std::set<std::string>& into) {
  if (const auto* const list = value.if_array()) {
    for (const auto& item : *list) collect_references(item, into);
  } else if (const auto* const object = value.if_object()) {
    for (const auto& member : *object) {
      if (member.key() == "$ref") into.emplace(std::string_view(member.value().as_string()));
      collect_references(member.value(), into);
    }
  }
}

json::object document() {
  return json::parse(openapi_document(all_routes(), "1")).as_object();
}

json::object operation(std::string_view path, std::string_view method) {
  return document().at("paths").at(path).at(method).as_object();
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  const auto whole = document();
  std::set<std::string> references;
  collect_references(whole, references);
  EXPECT_GT(references.size(), 20U);
  constexpr std::string_view kPrefix = "#/components/";
  for (const auto& reference : references) {
    ASSERT_TRUE(reference.starts_with(kPrefix)) << reference;
    const auto slash = reference.find('/', kPrefix.size());
    const auto kind = reference.substr(kPrefix.size(), slash - kPrefix.size());
    EXPECT_TRUE(whole.at("components").at(kind).as_object().contains(reference.substr(slash + 1)))
        << reference;
  }
}

// What a route says of a body or an answer: its schema and an example of it.
void expect_described(const json::object& content, const std::string& whose) {
  ASSERT_EQ(content.size(), 1U) << whose;
  const auto& media = content.begin()->value().as_object();
  ASSERT_TRUE(media.contains("schema")) << whose;
  const bool is_bytes = content.begin()->key() == "*/*";
  EXPECT_TRUE(is_bytes || !media.at("schema").as_object().empty()) << whose << " has no schema";
  const bool is_json = content.begin()->key() == "application/json";
  EXPECT_TRUE(!is_json || media.contains("example")) << whose << " has no example";
}

std::string name_of(const Route& route) {
  return std::string(route.method == net::Method::post ? "post " : "get ") + std::string(route.pattern);
}

TEST(OpenApi, EveryOperationHasItsRequestItsAnswerAndExamples) {
  const auto whole = document();
  std::size_t bodies = 0;
  for (const auto& route : all_routes()) {
    const auto* const method = route.method == net::Method::post ? "post" : "get";
    const auto& described = whole.at("paths").at(route.pattern).at(method).as_object();
    const auto& done = described.at("responses").at(std::to_string(route.status)).as_object();
    if (!route.content_type.empty()) expect_described(done.at("content").as_object(), name_of(route));
    for (const auto* const problem : {"400", "401", "403", "429", "default"}) {
      EXPECT_TRUE(described.at("responses").as_object().contains(problem)) << name_of(route) << problem;
    }
    const auto* const body = described.if_contains("requestBody");
    EXPECT_EQ(body != nullptr, route.method == net::Method::post) << name_of(route);
    if (body == nullptr) continue;
    expect_described(body->at("content").as_object(), name_of(route) + ", its body");
    ++bodies;
  }
  EXPECT_GT(bodies, 25U);
}

// With the right that the document names, and no other, a route opens; without it, it does not.
TEST(OpenApi, SaysTheRightThatOpensTheRoute) {
  const auto whole = document();
  for (const auto& route : all_routes()) {
    const auto* const method = route.method == net::Method::post ? "post" : "get";
    const auto& described = whole.at("paths").at(route.pattern).at(method).as_object();
    std::set<govern::Permission> named;
    for (const auto* const name : {"x-permission", "x-permission-or"}) {
      if (const auto* const right = described.if_contains(name))
        named.insert(govern::parse_permission(std::string_view(right->as_string())).value());
    }
    for (const auto name : enum_names<govern::Permission>()) {
      const auto right = parse_enum<govern::Permission>(name).value();
      govern::Who who;
      who.permissions = {govern::Permission::open, right};
      EXPECT_EQ(route.is_open_to(who), named.contains(right) || named.contains(govern::Permission::open))
          << name_of(route) << " and " << to_string(right);
    }
    EXPECT_EQ(described.at("security").as_array().empty(), named.contains(govern::Permission::open))
        << name_of(route);
  }
}

TEST(OpenApi, ARouteSaysWhatItTakesAndGives) {
  const auto add = operation("/api/v1/users", "post");
  EXPECT_EQ(add.at("requestBody").at("content").at("application/json").at("schema").at("$ref"),
            "#/components/schemas/NewUser");
  EXPECT_EQ(add.at("responses").at("201").at("content").at("application/json").at("schema").at("$ref"),
            "#/components/schemas/User");
  const auto whole = document();
  const auto& schemas = whole.at("components").at("schemas");
  EXPECT_EQ(schemas.at("NewUser").at("required"), json::value(json::array{"name"}));
  EXPECT_EQ(schemas.at("NewUser").at("additionalProperties"), false);
  EXPECT_EQ(schemas.at("User").at("properties").at("role").at("enum").as_array().size(), 5U);
  EXPECT_EQ(add.at("requestBody").at("content").at("application/json").at("example").at("role"), "viewer");
  const auto list = operation("/api/v1/users", "get")
                        .at("responses")
                        .at("200")
                        .at("content")
                        .at("application/json")
                        .at("schema")
                        .as_object();
  EXPECT_EQ(list.at("properties").at("items").at("items").at("$ref"), "#/components/schemas/User");
}

// What a request holds and what an answer does are never under one name with two meanings.
TEST(OpenApi, NoSecretStandsInAnAnswer) {
  const auto text = json::serialize(document().at("components").at("schemas"));
  for (const auto* const hidden : {"password_hash", "token_hash", "request_hash", "content_encrypted"})
    EXPECT_EQ(text.find(hidden), std::string::npos) << hidden;
}

}  // namespace
}  // namespace linnet::app
