// What is sent to each kind of server, what is read of its answers, and that odd ones are bounded and told.
#include "llm/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace linnet::llm {
namespace {

namespace json = boost::json;

const Conversation kConversation{"Be brief.", {{Speaker::user, "Hello?"}}};

Target target(WireFormat format, std::string vendor = "") {
  return {format, std::move(vendor), "https://llm.example/v1", "some-model", "secret-key", true};
}
json::object body_of(const net::HttpRequest& request) {
  return json::parse(request.body).as_object();
}
net::HttpResponse ok(std::string body) {
  return {200, {}, std::move(body), ""};
}
Parameters parameters() {
  Parameters given;
  given.temperature = 0.5;
  given.max_tokens = 99;
  given.seed = 7;
  given.stop = {"END"};
  return given;
}
const json::object kSchema{{"type", "object"}};

TEST(ChatRequests, AreOpenAis) {
  const auto how = parameters();
  const auto request = chat_request(target(WireFormat::openai), {kConversation, how, &kSchema, true});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://llm.example/v1/chat/completions");
  EXPECT_EQ(request.headers.find("Authorization"), "Bearer secret-key");
  EXPECT_FALSE(request.may_be_repeated);
  EXPECT_EQ(request.redirects, net::Redirects::refuse);
  const auto body = body_of(request);
  EXPECT_EQ(body.at("model"), "some-model");
  EXPECT_EQ(json::serialize(body.at("messages")),
            R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hello?"}])");
  EXPECT_EQ(body.at("max_tokens"), 99);
  EXPECT_EQ(body.at("seed"), 7);
  EXPECT_EQ(json::serialize(body.at("stop")), R"(["END"])");
  EXPECT_EQ(body.at("response_format").at("json_schema").at("schema"), json::value(kSchema));
  EXPECT_EQ(body.at("stream"), true);
  EXPECT_EQ(shown_request(request).find("secret-key"), std::string::npos);
  const auto own = body_of(chat_request(target(WireFormat::openai, "openai"), {kConversation, how}));
  EXPECT_EQ(own.at("max_completion_tokens"), 99);
  EXPECT_FALSE(own.contains("max_tokens"));
}

TEST(ChatRequests, AreAnthropics) {
  const auto how = parameters();
  const auto request = chat_request(target(WireFormat::anthropic), {kConversation, how, &kSchema});
  EXPECT_EQ(request.url, "https://llm.example/v1/messages");
  EXPECT_EQ(request.headers.find("x-api-key"), "secret-key");
  EXPECT_EQ(request.headers.find("anthropic-version"), "2023-06-01");
  EXPECT_FALSE(request.headers.find("Authorization"));
  const auto body = body_of(request);
  EXPECT_EQ(body.at("system"), "Be brief.");
  EXPECT_EQ(json::serialize(body.at("messages")), R"([{"role":"user","content":"Hello?"}])");
  EXPECT_EQ(body.at("tools").at(0).at("input_schema"), json::value(kSchema));
  EXPECT_EQ(body.at("tool_choice").at("name"), "answer");
}

TEST(ChatRequests, AreGeminis) {
  const auto how = parameters();
  const auto request = chat_request(target(WireFormat::gemini), {kConversation, how, &kSchema});
  EXPECT_EQ(request.url, "https://llm.example/v1/models/some-model:generateContent");
  EXPECT_EQ(request.headers.find("x-goog-api-key"), "secret-key");
  const auto body = body_of(request);
  EXPECT_EQ(body.at("systemInstruction").at("parts").at(0).at("text"), "Be brief.");
  EXPECT_EQ(body.at("contents").at(0).at("role"), "user");
  EXPECT_EQ(body.at("generationConfig").at("maxOutputTokens"), 99);
  EXPECT_EQ(body.at("generationConfig").at("responseJsonSchema"), json::value(kSchema));
  const auto streamed = chat_request(target(WireFormat::gemini), {kConversation, how, nullptr, true});
  EXPECT_TRUE(streamed.url.ends_with(":streamGenerateContent?alt=sse"));
}

TEST(ChatAnswers, AreRead) {
  const auto openai = read_chat_answer(
      WireFormat::openai, ok(R"({"choices":[{"message":{"content":"Yes."},"finish_reason":"length"}],
             "usage":{"prompt_tokens":12,"completion_tokens":3}})"));
  ASSERT_TRUE(openai) << openai.error().message;
  EXPECT_EQ(openai->text, "Yes.");
  EXPECT_TRUE(openai->is_cut);
  EXPECT_EQ(openai->tokens->in, 12);
  EXPECT_EQ(openai->tokens->out, 3);
  const auto anthropic = read_chat_answer(
      WireFormat::anthropic,
      ok(R"({"content":[{"type":"text","text":"Ye"},{"type":"text","text":"s."}],"stop_reason":"end_turn",
             "usage":{"input_tokens":10,"cache_read_input_tokens":2,"output_tokens":3}})"));
  ASSERT_TRUE(anthropic) << anthropic.error().message;
  EXPECT_EQ(anthropic->text, "Yes.");
  EXPECT_EQ(anthropic->tokens->in, 12);
  const auto tool =
      read_chat_answer(WireFormat::anthropic,
                       ok(R"({"content":[{"type":"tool_use","name":"answer","input":{"mood":"glad"}}]})"));
  ASSERT_TRUE(tool);
  EXPECT_EQ(tool->text, R"({"mood":"glad"})");
  EXPECT_FALSE(tool->tokens) << "it did not say";
  const auto gemini = read_chat_answer(
      WireFormat::gemini,
      ok(R"({"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"Yes."}]},
             "finishReason":"STOP"}],
             "usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":3,"thoughtsTokenCount":40}})"));
  ASSERT_TRUE(gemini) << gemini.error().message;
  EXPECT_EQ(gemini->text, "Yes.");
  EXPECT_EQ(gemini->tokens->out, 43) << "what it thought is paid for";
}

TEST(ChatAnswers, ThatAreNoneAreTold) {
  for (const auto format : {WireFormat::openai, WireFormat::anthropic, WireFormat::gemini}) {
    for (const auto* const body :
         {"", "<html>", "null", "[]", "7", "{", R"({"choices":)", "{}", R"({"choices":[]})",
          R"({"choices":7})", R"({"choices":[7],"content":7,"candidates":[7]})",
          R"({"choices":[{"message":"x"}]})",
          R"({"candidates":[{"content":{"parts":7},"finishReason":"SAFETY"}]})"}) {
      const auto read = read_chat_answer(format, ok(body));
      ASSERT_FALSE(read) << body;
      EXPECT_EQ(read.error().kind, ErrorKind::unavailable);
    }
  }
}

TEST(ChatAnswers, CountNothingThatIsNoCount) {
  for (const auto* const count : {"-1", "1e300", "\"7\"", "null", "[1]", "99999999999999999999999"}) {
    const auto read = read_chat_answer(
        WireFormat::openai,
        ok(std::string(R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":)") + count +
           R"(,"completion_tokens":1}})"));
    ASSERT_TRUE(read) << count;
    EXPECT_FALSE(read->tokens) << count;
  }
}

TEST(ChatAnswers, WithHalfACharacterAreReadAllTheSame) {
  const auto read =
      read_chat_answer(WireFormat::openai, ok(R"({"choices":[{"message":{"content":"a\ud83d"}}]})"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->text, "a\xEF\xBF\xBD");
}

TEST(AnswerErrors, SayWhatTheyMean) {
  const auto kind = [](int status) {
    return read_answer_error(status, R"({"error":{"message":"no"}})").kind;
  };
  EXPECT_EQ(kind(401), ErrorKind::denied);
  EXPECT_EQ(kind(429), ErrorKind::rate_limited);
  EXPECT_EQ(kind(500), ErrorKind::unavailable);
  EXPECT_EQ(kind(529), ErrorKind::unavailable);
  EXPECT_EQ(kind(400), ErrorKind::invalid);
  const auto quoting = read_answer_error(400, R"({"error":{"message":"bad: a private word"}})");
  EXPECT_THAT(quoting.message, testing::HasSubstr("private word"));
  EXPECT_THAT(quoting.safe, testing::Not(testing::HasSubstr("private word"))) << "it may quote the question";
}

TEST(AnswerErrors, SayHowLongToWait) {
  const auto now = *parse_iso8601("2026-08-01T10:00:00Z");
  const auto wait = [&](std::string value) {
    return asked_to_wait({429, {{"Retry-After", std::move(value)}}, "", ""}, now);
  };
  EXPECT_EQ(wait("7"), std::chrono::seconds(7));
  EXPECT_EQ(wait("0.5"), std::chrono::milliseconds(500));
  EXPECT_EQ(wait("Sat, 01 Aug 2026 10:01:00 GMT"), std::chrono::minutes(1));
  EXPECT_EQ(wait("99999999"), std::chrono::hours(1)) << "nobody is left alone for ever";
  EXPECT_EQ(wait("nan"), std::nullopt);
  EXPECT_EQ(wait("-5"), std::nullopt);
  EXPECT_EQ(wait("soon"), std::nullopt);
}

TEST(StreamedAnswers, AreReadPieceByPiece) {
  StreamedAnswer openai(WireFormat::openai);
  EXPECT_EQ(openai.take({"message", R"({"choices":[{"delta":{"role":"assistant"}}]})", ""}).value(), "");
  EXPECT_EQ(openai.take({"message", R"({"choices":[{"delta":{"content":"Ye"}}]})", ""}).value(), "Ye");
  EXPECT_EQ(openai.take({"message", R"({"choices":[{"delta":{"content":"s."},"finish_reason":"stop"}]})", ""})
                .value(),
            "s.");
  EXPECT_FALSE(openai.is_whole());
  ASSERT_TRUE(
      openai.take({"message", R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2}})", ""}));
  ASSERT_TRUE(openai.take({"message", "[DONE]", ""}));
  EXPECT_TRUE(openai.is_whole());
  EXPECT_EQ(openai.answer().text, "Yes.");
  EXPECT_EQ(openai.answer().tokens->out, 2);

  StreamedAnswer anthropic(WireFormat::anthropic);
  for (const auto* const event :
       {R"({"type":"message_start","message":{"usage":{"input_tokens":9}}})", R"({"type":"ping"})",
        R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"Yes."}})",
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}})"}) {
    ASSERT_TRUE(anthropic.take({"message", event, ""})) << event;
  }
  EXPECT_FALSE(anthropic.is_whole());
  ASSERT_TRUE(anthropic.take({"message", R"({"type":"message_stop"})", ""}));
  EXPECT_TRUE(anthropic.is_whole());
  EXPECT_EQ(anthropic.answer().text, "Yes.");
  EXPECT_EQ(anthropic.answer().tokens->in, 9);
  EXPECT_EQ(anthropic.answer().tokens->out, 2);

  StreamedAnswer gemini(WireFormat::gemini);
  ASSERT_TRUE(gemini.take({"message", R"({"candidates":[{"content":{"parts":[{"text":"Ye"}]}}]})", ""}));
  EXPECT_FALSE(gemini.is_whole());
  ASSERT_TRUE(
      gemini.take({"message", R"({"candidates":[{"content":{"parts":[{"text":"s."}]},"finishReason":"STOP"}],
                      "usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2}})",
                   ""}));
  EXPECT_TRUE(gemini.is_whole());
  EXPECT_EQ(gemini.answer().text, "Yes.");
}

TEST(StreamedAnswers, ThatFailOrDoNotEndAreTold) {
  StreamedAnswer failing(WireFormat::anthropic);
  EXPECT_FALSE(failing.take({"error", R"({"type":"error","error":{"type":"overloaded_error"}})", ""}));
  StreamedAnswer odd(WireFormat::openai);
  EXPECT_FALSE(odd.take({"message", "{\"choices\":", ""}));
  StreamedAnswer endless(WireFormat::openai);
  const auto piece = json::serialize(json::object{
      {"choices",
       json::array{json::object{{"delta", json::object{{"content", std::string(1 << 20, 'x')}}}}}}});
  int taken = 0;
  while (taken < 100 && endless.take({"message", piece, ""})) ++taken;
  EXPECT_EQ(taken, 4) << "four megabytes, and no more";
}

TEST(EmbeddingAnswers, AreOneForEachTextOrNone) {
  const auto read = [](std::string_view body, std::size_t texts) {
    return read_embedding_answer(WireFormat::openai, ok(std::string(body)), texts);
  };
  const auto two = read(R"({"data":[{"index":1,"embedding":[3,4]},{"index":0,"embedding":[1,2.5]}]})", 2);
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_THAT(two->vectors, testing::ElementsAre(testing::ElementsAre(1, 2.5F), testing::ElementsAre(3, 4)));
  for (const auto* const wrong :
       {R"({"data":[{"index":0,"embedding":[1]}]})", R"({"data":[{"embedding":[1,2]},{"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})",
        R"({"data":[{"index":0,"embedding":[1]},{"index":9,"embedding":[1]}]})",
        R"({"data":[{"embedding":["a"]},{"embedding":[1]}]})",
        R"({"data":[{"embedding":[]},{"embedding":[]}]})",
        R"({"data":[{"embedding":[1e300]},{"embedding":[1]}]})", R"({"data":7})", "{}"}) {
    EXPECT_FALSE(read(wrong, 2)) << wrong;
  }
  EXPECT_FALSE(embedding_request(target(WireFormat::anthropic), {"x"}));
}

}  // namespace
}  // namespace linnet::llm
