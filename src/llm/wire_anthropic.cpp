// Anthropic's Messages API.
#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "llm/wire_formats.hpp"

namespace linnet::llm {
namespace {

namespace json = boost::json;

constexpr std::string_view kAnthropicVersion = "2023-06-01";
constexpr std::string_view kAnswerTool = "answer";

json::array anthropic_messages(const Conversation& conversation) {
  json::array messages;
  for (const auto& message : conversation.messages) {
    messages.push_back(
        {{"role", message.from == Speaker::user ? "user" : "assistant"}, {"content", message.text}});
  }
  return messages;
}

// What was read from its cache, and written to it, stands beside the rest.
std::optional<std::int64_t> anthropic_tokens_in(const json::object& usage) {
  const auto plain = count_in(usage, "input_tokens");
  if (!plain) return std::nullopt;
  return *plain + count_in(usage, "cache_read_input_tokens").value_or(0) +
         count_in(usage, "cache_creation_input_tokens").value_or(0);
}

}  // namespace

// A schema is asked for as the arguments of a tool that it has to call.
net::HttpRequest anthropic_chat_request(const Target& target, const ChatRequest& request) {
  const auto& wanted = request.parameters;
  json::object body{{"model", target.model},
                    {"max_tokens", wanted.max_tokens},
                    {"temperature", wanted.temperature},
                    {"messages", anthropic_messages(request.conversation)}};
  if (!request.conversation.system.empty()) body["system"] = request.conversation.system;
  if (!wanted.stop.empty()) body["stop_sequences"] = as_list(wanted.stop);
  if (request.schema != nullptr && target.takes_schema) {
    body["tools"] = json::array{json::object{
        {"name", kAnswerTool}, {"description", "Gives the answer"}, {"input_schema", *request.schema}}};
    body["tool_choice"] = json::object{{"type", "tool"}, {"name", kAnswerTool}};
  }
  if (request.is_streamed) body["stream"] = true;
  auto built = post_json(target, "/messages", body);
  built.headers.add("anthropic-version", std::string(kAnthropicVersion));
  return built;
}

Result<ChatAnswer> read_anthropic_chat(const json::object& answer) {
  const auto* const parts = list_in(answer, "content");
  if (parts == nullptr) return no_answer("it holds no content");
  ChatAnswer read;
  for (const auto& part : *parts) {
    const auto* const object = part.if_object();
    if (object == nullptr) continue;
    const auto type = text_view_in(*object, "type");
    if (type == "text") read.text += text_view_in(*object, "text");
    const auto* const input = type == "tool_use" ? object_in(*object, "input") : nullptr;
    if (input != nullptr) read.text = json::serialize(*input);
    if (input != nullptr) break;
  }
  const auto reason = text_view_in(answer, "stop_reason");
  if (reason == "refusal") return no_answer("the model refused to answer");
  read.is_cut = reason == "max_tokens";
  if (const auto* const usage = object_in(answer, "usage"))
    read.tokens = counts(anthropic_tokens_in(*usage), count_in(*usage, "output_tokens"));
  return read;
}

Result<std::string> StreamedAnswer::take_anthropic(const json::object& event) {
  const auto type = text_view_in(event, "type");
  if (type == "message_stop") is_whole_ = true;
  if (type == "message_start") {
    const auto* const message = object_in(event, "message");
    const auto* const usage = message == nullptr ? nullptr : object_in(*message, "usage");
    if (usage != nullptr) answer_.tokens = counts(anthropic_tokens_in(*usage), 0);
  }
  const auto* const delta = object_in(event, "delta");
  if (type == "message_delta") {
    const auto* const usage = object_in(event, "usage");
    const auto out = usage == nullptr ? std::nullopt : count_in(*usage, "output_tokens");
    if (out && answer_.tokens) answer_.tokens->out = *out;
    if (!out) answer_.tokens.reset();
    answer_.is_cut = delta != nullptr && text_view_in(*delta, "stop_reason") == "max_tokens";
  }
  const bool is_text = type == "content_block_delta" && delta != nullptr;
  return is_text ? text_in(*delta, "text") : std::string();
}

}  // namespace linnet::llm
