// How a given text is scored by a server that only answers; a server made of a table stands in. With the real
// one: test/integration/llm_server.sh.
#include "llm/llama_score.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>

namespace linnet::llm {
namespace {

namespace json = boost::json;

// Its tokens are bytes; a byte beyond ASCII is a part of a character. The probability of a byte is 1/(byte +
// 1).
class ByteModel {
 public:
  Result<json::object> operator()(std::string_view path, const json::object* body) {
    ++requests;
    if (path == "/v1/models") return json::parse(R"({"data":[{"meta":{"n_vocab":256}}]})").as_object();
    if (path == "/tokenize") return tokenize(std::string(std::string_view(body->at("content").as_string())));
    return complete(*body);
  }
  int requests = 0;
  std::string odd;  // what it does wrong

 private:
  static double log_probability(std::int64_t id) { return -std::log(static_cast<double>(id) + 1); }
  static json::object tokenize(const std::string& text) {
    json::array tokens;
    for (const unsigned char c : text) {
      json::object token{{"id", static_cast<int>(c)}};
      if (c < 0x80U) token["piece"] = std::string(1, static_cast<char>(c));
      if (c >= 0x80U) token["piece"] = json::array{static_cast<int>(c)};
      tokens.push_back(std::move(token));
    }
    return {{"tokens", std::move(tokens)}};
  }
  [[nodiscard]] json::object complete(const json::object& body) const {
    json::array told;
    if (body.contains("grammar")) {
      const std::string grammar(std::string_view(body.at("grammar").as_string()));
      for (auto at = grammar.find("<["); at != std::string::npos; at = grammar.find("<[", at + 1)) {
        const auto id = std::stoll(grammar.substr(at + 2)) + (odd == "another token" ? 1 : 0);
        json::object token{{"id", id}, {"logprob", log_probability(id)}};
        if (odd == "no number") token["logprob"] = "much";
        if (odd == "positive") token["logprob"] = 3;
        told.push_back(std::move(token));
      }
      if (odd == "one too few") told.pop_back();
    } else {
      json::array all;
      for (int id = 0; id < 256; ++id) all.push_back({{"id", id}, {"logprob", log_probability(id)}});
      if (odd == "not all") all.resize(1);
      told.push_back({{"id", 97}, {"top_logprobs", std::move(all)}});
    }
    if (odd == "nothing") return {};
    return {{"completion_probabilities", std::move(told)}};
  }
};

Result<LlamaScore> score(ByteModel& model, std::string_view context, std::string_view continuation) {
  return score_on_llama([&](std::string_view path, const json::object* body) { return model(path, body); },
                        context, continuation);
}

TEST(LlamaScore, IsOneNumberForEachToken) {
  ByteModel model;
  const auto scored = score(model, "before", "ab");
  ASSERT_TRUE(scored) << scored.error().message;
  EXPECT_THAT(scored->log_probabilities,
              testing::ElementsAre(testing::DoubleEq(-std::log(98)), testing::DoubleEq(-std::log(99))));
  EXPECT_EQ(scored->context_tokens, 6);
  EXPECT_EQ(model.requests, 3) << "both texts are cut, and one request scores them all";
}

TEST(LlamaScore, LooksPartsOfACharacterUpOneByOne) {
  ByteModel model;
  const auto scored = score(model, "x", "a\xC3\xA9z");
  ASSERT_TRUE(scored) << scored.error().message;
  EXPECT_THAT(
      scored->log_probabilities,
      testing::ElementsAre(testing::DoubleEq(-std::log(98)), testing::DoubleEq(-std::log(0xC3 + 1)),
                           testing::DoubleEq(-std::log(0xA9 + 1)), testing::DoubleEq(-std::log(123))));
}

TEST(LlamaScore, TakesNoAnswerThatIsNone) {
  for (const auto* const odd : {"another token", "no number", "positive", "one too few", "nothing"}) {
    ByteModel model;
    model.odd = odd;
    EXPECT_FALSE(score(model, "x", "abc")) << odd;
  }
  ByteModel model;
  model.odd = "not all";
  EXPECT_FALSE(score(model, "x", "\xC3\xA9"));
  model.odd.clear();
  EXPECT_FALSE(score(model, "x", ""));
  EXPECT_FALSE(score(model, "", "a")) << "there is nothing for it to stand behind";
  EXPECT_FALSE(score(model, "x", std::string(kMostScoredTokens + 1, 'a')));
}

}  // namespace
}  // namespace linnet::llm
