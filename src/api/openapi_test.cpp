// What the API's document says of requests and answers can be used by a program that knows nothing else.
#include <gtest/gtest.h>

#include <set>

#include "api/routes.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

std::vector<Route> all_routes() {
  std::vector<Route> all;
  for (const auto& family :
       {access_routes(), account_routes(), action_routes(), draft_routes(), event_routes(),
        forkalytics_routes(), forkalytics_topic_routes(), govern_routes(), hashtag_routes(), message_routes(),
        person_routes(), platform_routes(), post_routes(), job_routes(), session_routes(), status_routes(),
        summary_routes()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

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
  constexpr std::string_view kPrefix = "#/components/schemas/";
  for (const auto& reference : references) {
    ASSERT_TRUE(reference.starts_with(kPrefix)) << reference;
    EXPECT_TRUE(whole.at("components").at("schemas").as_object().contains(reference.substr(kPrefix.size())))
        << reference;
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
}  // namespace linnet::api
