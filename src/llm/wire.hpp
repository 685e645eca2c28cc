// What servers of language models are asked and answer, as bytes: OpenAI's format, which most speak,
// Anthropic's and Gemini's. Pure: requests are built here and answers read, and sent elsewhere. Nothing that
// a server says is believed to be whole, small or of the right type.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llm/door.hpp"
#include "llm/provider.hpp"
#include "net/event_source.hpp"
#include "net/http_transport.hpp"

namespace linnet::llm {

// Of an answer; what is larger is none.
inline constexpr std::size_t kMostAnswerBytes = std::size_t{4} << 20U;
inline constexpr std::size_t kMostEmbeddingBytes = std::size_t{64} << 20U;

enum class Speaker { user, assistant };

struct Message {
  Speaker from{};
  std::string text;
};

struct Conversation {
  std::string system;
  std::vector<Message> messages;
};

// Where it goes.
struct Target {
  WireFormat format{};
  std::string vendor;    // of dspy::
  std::string endpoint;  // "https://api.openai.com/v1"
  std::string model;
  std::string api_key;  // empty: none
  bool takes_schema = false;
};

struct ChatRequest {
  const Conversation& conversation;
  const Parameters& parameters;
  const boost::json::object* schema = nullptr;  // of the answer
  bool is_streamed = false;
};

struct TokenCounts {
  std::int64_t in = 0;
  std::int64_t out = 0;
};

struct ChatAnswer {
  std::string text;
  std::optional<TokenCounts> tokens;  // nullopt: the server did not say, or said nonsense
  bool is_cut = false;                // it ended at the most that it may have
};

net::HttpRequest chat_request(const Target& target, const ChatRequest& request);
// What is shown to people, and kept, of a request: its body, in which no key stands.
std::string shown_request(const net::HttpRequest& request);
// Errors as read_answer_error has them; `unavailable` for what is no answer of its format.
Result<ChatAnswer> read_chat_answer(WireFormat format, const net::HttpResponse& response);

// `invalid` where the format knows none.
Result<net::HttpRequest> embedding_request(const Target& target, const std::vector<std::string>& texts);
struct EmbeddingAnswer {
  std::vector<std::vector<float>> vectors;
  std::optional<TokenCounts> tokens;
};
// One vector for each of so many texts, all of one length, each number finite.
Result<EmbeddingAnswer> read_embedding_answer(WireFormat format, const net::HttpResponse& response,
                                              std::size_t texts);

// What a status that is no success means, with the server's own words in the log's text alone.
Error read_answer_error(int status, std::string_view body);
// How long the server asks to be left alone; at most an hour.
std::optional<Duration> asked_to_wait(const net::HttpResponse& response, Instant now);

// Reads an answer that comes in pieces. Not thread-safe.
class StreamedAnswer {
 public:
  explicit StreamedAnswer(WireFormat format) : format_(format) {}
  // The piece of text in it, which may be empty. `unavailable` for what is no part of an answer, for the
  // server's own word that it failed, and for too much.
  Result<std::string> take(const net::ServerEvent& event);
  // Whether the server said that this is the end; an answer without it broke off.
  [[nodiscard]] bool is_whole() const { return is_whole_; }
  [[nodiscard]] const ChatAnswer& answer() const { return answer_; }

 private:
  Result<std::string> take_openai(const boost::json::object& event);
  Result<std::string> take_anthropic(const boost::json::object& event);
  Result<std::string> take_gemini(const boost::json::object& event);

  WireFormat format_;
  ChatAnswer answer_;
  bool is_whole_ = false;
};

// The most tokens that this many bytes of text can be: no tokenizer in use makes more than one of each.
std::int64_t most_tokens(const Conversation& conversation, const boost::json::object* schema);

}  // namespace linnet::llm
