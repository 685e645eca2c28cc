// The door and llama.cpp's own server, where test/integration/llm_server.sh has started one:
// LINNET_TEST_LLAMA is its address, LINNET_TEST_LLAMA_TRUTH a file of texts with the probabilities that the
// model has in closed form.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "llm/door_fixture.hpp"
#include "net/curl_transport.hpp"
#include "net/network_guard.hpp"

namespace linnet::llm {
namespace {

class LlamaServerTest : public DoorFixture {
 protected:
  void SetUp() override {
    const char* const address = std::getenv("LINNET_TEST_LLAMA");
    if (address == nullptr) GTEST_SKIP() << "no llama.cpp server: run by test/integration/llm_server.sh";
    DoorFixture::SetUp();
    if (IsSkipped()) return;
    net::allow_networks(net::parse_networks("127.0.0.0/8 ::1").value());
    auto given = parts();
    given.transport = &transport_;
    given.events = &events_;
    door_ = make_language_models(given);
    ProviderChange change;
    change.endpoint = std::string(address) + "/v1";
    change.model_name = "tiny";
    change.max_context = 2'048;
    change.supports_logprobs = true;
    add("mlx::tiny", change);
  }

  net::CurlTransport transport_;
  net::CurlEventSource events_;
};

INSTANTIATE_TEST_SUITE_P(Engines, LlamaServerTest, testing::Values(store::Engine::sqlite), test::engine_name);

TEST_P(LlamaServerTest, AnswersAndSaysHowLongThatWas) {
  auto question = plainly("Hello?");
  question.parameters.max_tokens = 12;
  const auto answer = ask(question);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_FALSE(answer->text.empty());
  EXPECT_GT(answer->usage.tokens_in, 10);
  EXPECT_LE(answer->usage.tokens_out, 12);
  EXPECT_EQ(ask(question)->text, answer->text);
  EXPECT_TRUE(ask(question)->source.is_cached);
}

TEST_P(LlamaServerTest, AnswersPieceByPiece) {
  auto question = plainly("Hello?");
  question.parameters.max_tokens = 12;
  std::string pieces;
  int count = 0;
  question.on_piece = [&](std::string_view piece) {
    pieces += piece;
    ++count;
    return true;
  };
  const auto answer = ask(question);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_GT(count, 1);
  EXPECT_EQ(pieces, answer->text);
  EXPECT_GT(answer->usage.tokens_in, 10);
}

TEST_P(LlamaServerTest, AnswersWithJsonThatFits) {
  auto question = plainly("How does this sound?");
  question.schema = boost::json::parse(R"({"type":"object","required":["label"],"additionalProperties":false,
    "properties":{"label":{"enum":["positive","negative"]}}})")
                        .as_object();
  const auto answer = ask(question);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->json.at("label") == "positive" || answer->json.at("label") == "negative");
  EXPECT_EQ(calls().size(), 1U) << "at the first try: the server keeps to the schema";
}

TEST_P(LlamaServerTest, TellsHowProbableATextIs) {
  const char* const path = std::getenv("LINNET_TEST_LLAMA_TRUTH");
  ASSERT_NE(path, nullptr);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const auto truth = boost::json::parse(text.str()).as_array();
  ASSERT_GE(truth.size(), 3U);
  std::vector<double> perplexities;
  for (const auto& one : truth) {
    ScoreQuestion question{{"user ada", "test", ""},
                           std::string(std::string_view(one.at("context").as_string())),
                           std::string(std::string_view(one.at("continuation").as_string())),
                           {},
                           ""};
    const auto score = door_->score(question, {});
    ASSERT_TRUE(score) << score.error().message;
    const auto& expected = one.at("log_probabilities").as_array();
    ASSERT_EQ(score->log_probabilities.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(score->log_probabilities[i], expected[i].to_number<double>(), 1e-4) << i;
    perplexities.push_back(perplexity(*score));
  }
  EXPECT_LT(perplexities[1], perplexities[0]) << "a text is more probable behind words of its own";
}

}  // namespace
}  // namespace linnet::llm
