// What each format does of its own; wire.cpp chooses among them.
#pragma once

#include "llm/wire.hpp"

namespace linnet::llm {

net::HttpRequest openai_chat_request(const Target& target, const ChatRequest& request);
net::HttpRequest anthropic_chat_request(const Target& target, const ChatRequest& request);
net::HttpRequest gemini_chat_request(const Target& target, const ChatRequest& request);

Result<ChatAnswer> read_openai_chat(const boost::json::object& answer);
Result<ChatAnswer> read_anthropic_chat(const boost::json::object& answer);
Result<ChatAnswer> read_gemini_chat(const boost::json::object& answer);

net::HttpRequest openai_embedding_request(const Target& target, const std::vector<std::string>& texts);
net::HttpRequest gemini_embedding_request(const Target& target, const std::vector<std::string>& texts);

// A POST of JSON with the target's key in its header.
net::HttpRequest post_json(const Target& target, std::string_view path, const boost::json::object& body);

// Whole numbers that a server counts; nullopt for anything that cannot be a count.
std::optional<std::int64_t> count_in(const boost::json::object& object, std::string_view name);
std::optional<TokenCounts> counts(std::optional<std::int64_t> in, std::optional<std::int64_t> out);
boost::json::array as_list(const std::vector<std::string>& texts);
Error no_answer(std::string_view what);

}  // namespace linnet::llm
