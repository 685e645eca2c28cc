// Which schemas are understood, which answers fit them, and how JSON is found in what a model wrote.
#include "llm/json_shape.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace linnet::llm {
namespace {

namespace json = boost::json;

json::object object(std::string_view text) {
  return json::parse(text).as_object();
}

const json::object& mood() {
  static const auto schema = object(R"({
    "$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
    "required": ["label", "score"],
    "properties": {
      "label": {"enum": ["positive", "neutral", "negative"]},
      "score": {"type": "number", "minimum": -1, "maximum": 1},
      "topics": {"type": "array", "maxItems": 2, "items": {"type": "string", "minLength": 1, "maxLength": 5}},
      "why": {"anyOf": [{"type": "string"}, {"type": "null"}]}
    }})");
  return schema;
}

TEST(JsonShape, RefusesASchemaThatItDoesNotUnderstandWhole) {
  EXPECT_TRUE(check_schema(mood()));
  for (const auto* const odd :
       {R"({"pattern":"^a"})", R"({"properties":{"x":{"oneOf":[]}}})", R"({"type":["string","null"]})",
        R"({"type":"text"})", R"({"items":[{}]})", R"({"required":"x"})", R"({"anyOf":[]})",
        R"({"$ref":"#"})", R"({"minimum":"1"})", R"({"properties":{"x":7}})"}) {
    const auto checked = check_schema(object(odd));
    ASSERT_FALSE(checked) << odd;
    EXPECT_THAT(checked.error().message, testing::StartsWith("schema")) << odd;
  }
  std::string deep = "{}";
  for (int i = 0; i < 25; ++i) deep = R"({"items":)" + deep + "}";
  EXPECT_FALSE(check_schema(object(deep)));
}

TEST(JsonShape, SaysWhereAnAnswerDoesNotFit) {
  const auto mistake = [](std::string_view answer) {
    const auto checked = check_against(mood(), json::parse(answer));
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(mistake(R"({"label":"neutral","score":0.5,"topics":["a","b"],"why":null})"), "");
  EXPECT_EQ(mistake(R"({"label":"neutral"})"), "answer: \"score\" is missing");
  EXPECT_EQ(mistake(R"({"label":"glad","score":0})"),
            R"(answer.label: expected one of ["positive","neutral","negative"], got "glad")");
  EXPECT_EQ(mistake(R"({"label":"neutral","score":2})"), "answer.score: expected at most 1, got 2");
  EXPECT_EQ(mistake(R"({"label":"neutral","score":"0"})"), "answer.score: expected number, got \"0\"");
  EXPECT_EQ(mistake(R"({"label":"neutral","score":0,"topics":["a","b","c"]})"),
            "answer.topics: expected at most 2 items, got 3");
  EXPECT_EQ(mistake(R"({"label":"neutral","score":0,"topics":["längere"]})"),
            "answer.topics[0]: expected at most 5 characters, got 7");
  EXPECT_EQ(mistake(R"({"label":"neutral","score":0,"mood":1})"), "answer.mood: is not asked for");
  EXPECT_NE(mistake(R"({"label":"neutral","score":0,"why":7})"), "");
  EXPECT_NE(mistake("[]"), "");
  EXPECT_NE(mistake(R"({"label":"neutral","score":0,"why":"a\u0000b"})"), "");
}

TEST(JsonShape, FindsTheJsonInWhatWasWrittenAroundIt) {
  const std::string fits = R"({"label":"neutral","score":0})";
  for (const auto& text : {fits, "  " + fits + "\n", "```json\n" + fits + "\n```",
                           "Sure! Here it is: " + fits + " Is that right?", "{not this} but " + fits,
                           R"({"label":"glad"} no, )" + fits, "[1, 2] and " + fits}) {
    const auto read = read_json_answer(text, mood());
    ASSERT_TRUE(read) << text << ": " << read.error().message;
    EXPECT_EQ(read->at("label"), "neutral");
  }
}

TEST(JsonShape, SaysWhatIsWrongWhereNothingFits) {
  for (const auto* const text :
       {"", "I cannot do that.", R"({"label":"neutral","score":)", "{", "[[[[", "null"}) {
    const auto read = read_json_answer(text, mood());
    ASSERT_FALSE(read) << text;
    EXPECT_FALSE(read.error().message.empty());
  }
  const auto almost = read_json_answer(R"({"label":"a private word","score":0})", mood());
  ASSERT_FALSE(almost);
  EXPECT_THAT(almost.error().message, testing::HasSubstr("answer.label"));
  EXPECT_THAT(almost.error().safe, testing::Not(testing::HasSubstr("private")))
      << "it is told to the model alone";
}

TEST(JsonShape, IsBoundedByTheText) {
  const std::string braces(1 << 20, '{');
  EXPECT_FALSE(read_json_answer(braces, mood()));
  std::string lists;
  for (int i = 0; i < 200'000; ++i) lists += "[1],";
  EXPECT_FALSE(read_json_answer(lists, mood()));
}

}  // namespace
}  // namespace linnet::llm
