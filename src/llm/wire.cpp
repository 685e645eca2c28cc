#include "llm/wire.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "base/json_members.hpp"
#include "base/text.hpp"
#include "llm/wire_formats.hpp"
#include "net/rate_limit.hpp"

namespace linnet::llm {
namespace {

namespace json = boost::json;

constexpr Duration kLongestAskedWait = std::chrono::hours(1);

Result<json::object> read_object(std::string_view body) {
  auto object = maybe_object(without_half_surrogates(body));
  if (!object) return no_answer("its answer is no JSON object");
  return std::move(*object);
}

// Its own list of numbers, as both formats have it.
Result<std::vector<float>> read_vector(const json::array* numbers) {
  if (numbers == nullptr || numbers->empty()) return no_answer("an embedding is missing");
  std::vector<float> vector;
  vector.reserve(numbers->size());
  for (const auto& number : *numbers) {
    if (!number.is_number()) return no_answer("an embedding holds something else than numbers");
    const auto value = static_cast<float>(number.to_number<double>());
    if (!std::isfinite(value)) return no_answer("an embedding holds a number beyond all bounds");
    vector.push_back(value);
  }
  return vector;
}

Status take_openai_vectors(const json::array& items, std::vector<std::vector<float>>& into) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto* const item = items[i].if_object();
    if (item == nullptr) return no_answer("an embedding is missing");
    const auto index = count_in(*item, "index").value_or(static_cast<std::int64_t>(i));
    if (index < 0 || index >= static_cast<std::int64_t>(into.size()))
      return no_answer("an embedding belongs to no text");
    LINNET_TRY(into[static_cast<std::size_t>(index)], read_vector(list_in(*item, "embedding")));
  }
  return {};
}

Status check_vectors(const std::vector<std::vector<float>>& vectors) {
  for (const auto& vector : vectors) {
    if (vector.empty() || vector.size() != vectors.front().size())
      return no_answer("its embeddings are not one for each text, all of one length");
  }
  return {};
}

}  // namespace

Error no_answer(std::string_view what) {
  return unavailable(fmt::format("the language model's server gave no usable answer: {}", what));
}

std::optional<std::int64_t> count_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const auto number = value->to_number<double>();
  if (!(number >= 0 && number <= 1e9)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<TokenCounts> counts(std::optional<std::int64_t> in, std::optional<std::int64_t> out) {
  if (!in || !out) return std::nullopt;
  return TokenCounts{*in, *out};
}

json::array as_list(const std::vector<std::string>& texts) {
  json::array list;
  for (const auto& text : texts) list.emplace_back(text);
  return list;
}

net::HttpRequest post_json(const Target& target, std::string_view path, const json::object& body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = target.endpoint + std::string(path);
  request.headers.add("Content-Type", "application/json");
  request.body = json::serialize(body);
  request.redirects = net::Redirects::refuse;  // a key goes where it was meant to go, and nowhere else
  request.may_be_repeated = false;             // each costs
  request.max_body_bytes = kMostAnswerBytes;
  if (target.api_key.empty()) return request;
  switch (target.format) {
    case WireFormat::anthropic:
      request.headers.add("x-api-key", target.api_key);
      break;
    case WireFormat::gemini:
      request.headers.add("x-goog-api-key", target.api_key);
      break;
    case WireFormat::openai:
    case WireFormat::built_in:
      request.headers.add("Authorization", "Bearer " + target.api_key);
      break;
  }
  return request;
}

net::HttpRequest chat_request(const Target& target, const ChatRequest& request) {
  switch (target.format) {
    case WireFormat::anthropic:
      return anthropic_chat_request(target, request);
    case WireFormat::gemini:
      return gemini_chat_request(target, request);
    case WireFormat::openai:
    case WireFormat::built_in:
      break;
  }
  return openai_chat_request(target, request);
}

std::string shown_request(const net::HttpRequest& request) {
  return request.body;
}

Result<ChatAnswer> read_chat_answer(WireFormat format, const net::HttpResponse& response) {
  if (response.status < 200 || response.status > 299)
    return read_answer_error(response.status, response.body);
  LINNET_TRY(const auto object, read_object(response.body));
  switch (format) {
    case WireFormat::anthropic:
      return read_anthropic_chat(object);
    case WireFormat::gemini:
      return read_gemini_chat(object);
    case WireFormat::openai:
    case WireFormat::built_in:
      break;
  }
  return read_openai_chat(object);
}

Result<net::HttpRequest> embedding_request(const Target& target, const std::vector<std::string>& texts) {
  if (target.format == WireFormat::anthropic || target.format == WireFormat::built_in)
    return invalid("supports_embeddings: Anthropic's servers make none; expected another provider");
  auto request = target.format == WireFormat::gemini ? gemini_embedding_request(target, texts)
                                                     : openai_embedding_request(target, texts);
  request.max_body_bytes = kMostEmbeddingBytes;
  return request;
}

Result<EmbeddingAnswer> read_embedding_answer(WireFormat format, const net::HttpResponse& response,
                                              std::size_t texts) {
  if (response.status < 200 || response.status > 299)
    return read_answer_error(response.status, response.body);
  LINNET_TRY(const auto object, read_object(response.body));
  const bool is_gemini = format == WireFormat::gemini;
  const auto* const items = list_in(object, is_gemini ? "embeddings" : "data");
  if (items == nullptr || items->size() != texts) return no_answer("it gave not one embedding for each text");
  EmbeddingAnswer answer;
  answer.vectors.resize(texts);
  if (is_gemini) {
    for (std::size_t i = 0; i < texts; ++i) {
      const auto* const item = (*items)[i].if_object();
      LINNET_TRY(answer.vectors[i], read_vector(item == nullptr ? nullptr : list_in(*item, "values")));
    }
  } else {
    LINNET_CHECK(take_openai_vectors(*items, answer.vectors));
  }
  LINNET_CHECK(check_vectors(answer.vectors));
  if (const auto* const usage = object_in(object, "usage"))
    answer.tokens = counts(count_in(*usage, "prompt_tokens"), 0);
  return answer;
}

Error read_answer_error(int status, std::string_view body) {
  const auto object = maybe_object(body.substr(0, std::size_t{64} << 10U));
  std::string words;
  if (object) {
    const auto* const error = object_in(*object, "error");
    words = error != nullptr ? text_in(*error, "message") : text_in(*object, "message");
  }
  auto error = net::error_for_status(status, "the language model's server");
  if (words.empty()) words = body.substr(0, 200);
  error.message = fmt::format("{}: {}", error.message, to_valid_utf8(truncate_utf8(words, 300)));
  if (status == 401 || status == 403) {
    error.safe =
        "the language model's server does not take the key; give another: linnet provider change ID "
        "--api-key …";
  }
  return error;
}

std::optional<Duration> asked_to_wait(const net::HttpResponse& response, Instant now) {
  const auto said = response.headers.find("Retry-After");
  if (!said) return std::nullopt;
  const auto text = trim(*said);
  double seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
    if (!(seconds >= 0)) return std::nullopt;
    const auto bounded = std::min(seconds, std::chrono::duration<double>(kLongestAskedWait).count());
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(bounded));
  }
  const auto until = net::parse_http_date(text);
  if (!until || *until <= now) return std::nullopt;
  return std::min<Duration>(*until - now, kLongestAskedWait);
}

Result<std::string> StreamedAnswer::take(const net::ServerEvent& event) {
  if (is_whole_) return std::string();
  if (event.data == "[DONE]") {
    is_whole_ = true;
    return std::string();
  }
  const auto object = maybe_object(without_half_surrogates(event.data));
  if (!object) return no_answer("a piece of it is no JSON object");
  if (const auto* const error = object_in(*object, "error"))
    return Error::of(ErrorKind::unavailable,
                     fmt::format("the language model's server broke off: {}",
                                 to_valid_utf8(truncate_utf8(text_in(*error, "message"), 300))),
                     "the language model's server broke off");
  auto piece = format_ == WireFormat::anthropic ? take_anthropic(*object)
               : format_ == WireFormat::gemini  ? take_gemini(*object)
                                                : take_openai(*object);
  if (!piece) return piece;
  if (piece->size() > kMostAnswerBytes - answer_.text.size()) return no_answer("it does not end");
  answer_.text += *piece;
  return piece;
}

std::int64_t most_tokens(const Conversation& conversation, const json::object* schema) {
  constexpr std::int64_t kAround = 64;  // what a format puts around a text
  auto most = static_cast<std::int64_t>(conversation.system.size()) + kAround;
  for (const auto& message : conversation.messages)
    most += static_cast<std::int64_t>(message.text.size()) + kAround;
  // A schema is repeated to the model as a tool, with words around it.
  if (schema != nullptr) most += 2 * static_cast<std::int64_t>(json::serialize(*schema).size()) + 1'000;
  return most;
}

}  // namespace linnet::llm
