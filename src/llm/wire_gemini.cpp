// Google's generateContent.
#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "llm/wire_formats.hpp"
#include "net/url.hpp"

namespace linnet::llm {
namespace {

namespace json = boost::json;

json::object gemini_parts(std::string_view text) {
  return {{"parts", json::array{json::object{{"text", text}}}}};
}

json::array gemini_contents(const Conversation& conversation) {
  json::array contents;
  for (const auto& message : conversation.messages) {
    auto content = gemini_parts(message.text);
    content["role"] = message.from == Speaker::user ? "user" : "model";
    contents.push_back(std::move(content));
  }
  return contents;
}

std::string gemini_path(const Target& target, std::string_view what) {
  return "/models/" + net::percent_encode(target.model) + std::string(what);
}

const json::object* first_candidate(const json::object& answer) {
  const auto* const candidates = list_in(answer, "candidates");
  return candidates == nullptr || candidates->empty() ? nullptr : candidates->front().if_object();
}

std::string gemini_text(const json::object& candidate) {
  std::string text;
  const auto* const content = object_in(candidate, "content");
  const auto* const parts = content == nullptr ? nullptr : list_in(*content, "parts");
  if (parts == nullptr) return text;
  for (const auto& part : *parts) {
    const auto* const object = part.if_object();
    const auto* const thought = object == nullptr ? nullptr : object->if_contains("thought");
    const bool is_thought = thought != nullptr && thought->is_bool() && thought->get_bool();
    if (object != nullptr && !is_thought) text += text_view_in(*object, "text");
  }
  return text;
}

std::optional<TokenCounts> gemini_counts(const json::object& answer) {
  const auto* const usage = object_in(answer, "usageMetadata");
  if (usage == nullptr) return std::nullopt;
  // What it thought is paid for as well.
  const auto out = count_in(*usage, "candidatesTokenCount").value_or(0) +
                   count_in(*usage, "thoughtsTokenCount").value_or(0);
  return counts(count_in(*usage, "promptTokenCount"), out);
}

}  // namespace

net::HttpRequest gemini_chat_request(const Target& target, const ChatRequest& request) {
  const auto& wanted = request.parameters;
  json::object how{{"temperature", wanted.temperature}, {"maxOutputTokens", wanted.max_tokens}};
  if (wanted.seed) how["seed"] = *wanted.seed;
  if (!wanted.stop.empty()) how["stopSequences"] = as_list(wanted.stop);
  if (request.schema != nullptr && target.takes_schema) {
    how["responseMimeType"] = "application/json";
    how["responseJsonSchema"] = *request.schema;
  }
  json::object body{{"contents", gemini_contents(request.conversation)},
                    {"generationConfig", std::move(how)}};
  if (!request.conversation.system.empty())
    body["systemInstruction"] = gemini_parts(request.conversation.system);
  return post_json(
      target,
      gemini_path(target, request.is_streamed ? ":streamGenerateContent?alt=sse" : ":generateContent"), body);
}

Result<ChatAnswer> read_gemini_chat(const json::object& answer) {
  const auto* const candidate = first_candidate(answer);
  if (candidate == nullptr) {
    const auto* const feedback = object_in(answer, "promptFeedback");
    return no_answer(feedback != nullptr ? "the question was blocked" : "it holds no candidate");
  }
  ChatAnswer read;
  read.text = gemini_text(*candidate);
  const auto reason = text_view_in(*candidate, "finishReason");
  read.is_cut = reason == "MAX_TOKENS";
  if (read.text.empty() && reason != "STOP" && !read.is_cut) return no_answer("the model refused to answer");
  read.tokens = gemini_counts(answer);
  return read;
}

net::HttpRequest gemini_embedding_request(const Target& target, const std::vector<std::string>& texts) {
  json::array requests;
  for (const auto& text : texts) {
    requests.push_back({{"model", "models/" + target.model}, {"content", gemini_parts(text)}});
  }
  return post_json(target, gemini_path(target, ":batchEmbedContents"), {{"requests", std::move(requests)}});
}

// Its stream has no word for its end: the last piece says why it ended.
Result<std::string> StreamedAnswer::take_gemini(const json::object& event) {
  if (const auto tokens = gemini_counts(event)) answer_.tokens = tokens;
  const auto* const candidate = first_candidate(event);
  if (candidate == nullptr) return std::string();
  const auto reason = text_view_in(*candidate, "finishReason");
  if (!reason.empty()) is_whole_ = true;
  answer_.is_cut = answer_.is_cut || reason == "MAX_TOKENS";
  return gemini_text(*candidate);
}

}  // namespace linnet::llm
