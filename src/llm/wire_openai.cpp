// As OpenAI's servers speak, and mlx_lm, llama.cpp, Ollama, vLLM, LM Studio and most vendors after them.
#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "llm/wire_formats.hpp"

namespace linnet::llm {
namespace {

namespace json = boost::json;

json::array openai_messages(const Conversation& conversation) {
  json::array messages;
  if (!conversation.system.empty())
    messages.push_back({{"role", "system"}, {"content", conversation.system}});
  for (const auto& message : conversation.messages) {
    messages.push_back(
        {{"role", message.from == Speaker::user ? "user" : "assistant"}, {"content", message.text}});
  }
  return messages;
}

// Null where there is no first choice.
const json::object* first_choice(const json::object& answer) {
  const auto* const choices = list_in(answer, "choices");
  return choices == nullptr || choices->empty() ? nullptr : choices->front().if_object();
}

std::optional<TokenCounts> openai_counts(const json::object& answer) {
  const auto* const usage = object_in(answer, "usage");
  if (usage == nullptr) return std::nullopt;
  return counts(count_in(*usage, "prompt_tokens"), count_in(*usage, "completion_tokens"));
}

}  // namespace

net::HttpRequest openai_chat_request(const Target& target, const ChatRequest& request) {
  const auto& wanted = request.parameters;
  // OpenAI's own newer models take the one name alone, others' servers the other.
  const bool is_openai = target.vendor == "openai";
  json::object body{{"model", target.model},
                    {"messages", openai_messages(request.conversation)},
                    {"temperature", wanted.temperature},
                    {is_openai ? "max_completion_tokens" : "max_tokens", wanted.max_tokens}};
  if (wanted.seed) body["seed"] = *wanted.seed;
  if (!wanted.stop.empty()) body["stop"] = as_list(wanted.stop);
  if (request.schema != nullptr && target.takes_schema) {
    body["response_format"] =
        json::object{{"type", "json_schema"},
                     {"json_schema", json::object{{"name", "answer"}, {"schema", *request.schema}}}};
  }
  if (request.is_streamed) {
    body["stream"] = true;
    body["stream_options"] = json::object{{"include_usage", true}};
  }
  return post_json(target, "/chat/completions", body);
}

Result<ChatAnswer> read_openai_chat(const json::object& answer) {
  const auto* const choice = first_choice(answer);
  const auto* const message = choice == nullptr ? nullptr : object_in(*choice, "message");
  if (message == nullptr) return no_answer("it holds no message");
  ChatAnswer read;
  read.text = text_in(*message, "content");
  if (read.text.empty() && !text_view_in(*message, "refusal").empty())
    return no_answer("the model refused to answer");
  read.is_cut = text_view_in(*choice, "finish_reason") == "length";
  read.tokens = openai_counts(answer);
  return read;
}

net::HttpRequest openai_embedding_request(const Target& target, const std::vector<std::string>& texts) {
  return post_json(target, "/embeddings", {{"model", target.model}, {"input", as_list(texts)}});
}

Result<std::string> StreamedAnswer::take_openai(const json::object& event) {
  if (const auto tokens = openai_counts(event)) answer_.tokens = tokens;
  const auto* const choice = first_choice(event);
  if (choice == nullptr) return std::string();
  answer_.is_cut = answer_.is_cut || text_view_in(*choice, "finish_reason") == "length";
  const auto* const delta = object_in(*choice, "delta");
  return delta == nullptr ? std::string() : text_in(*delta, "content");
}

}  // namespace linnet::llm
