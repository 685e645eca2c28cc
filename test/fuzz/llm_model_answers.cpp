// What the server of a language model says, whole or in pieces: what is read of it is text that may be
// stored, counts that are counts, vectors of one length, and JSON that fits.
#include <boost/json.hpp>
#include <cmath>

#include "expect.hpp"
#include "llm/json_shape.hpp"
#include "llm/wire.hpp"

using linnet::fuzz::expect;
using namespace linnet;

namespace {

void expect_counts(const std::optional<llm::TokenCounts>& tokens) {
  expect(!tokens || (tokens->in >= 0 && tokens->out >= 0));
}

void read_as(llm::WireFormat format, const std::string& body) {
  if (const auto chat = llm::read_chat_answer(format, {200, {}, body, ""})) expect_counts(chat->tokens);
  if (const auto made = llm::read_embedding_answer(format, {200, {}, body, ""}, 2)) {
    expect(made->vectors.size() == 2 && made->vectors[0].size() == made->vectors[1].size());
    for (const auto& vector : made->vectors) {
      for (const auto number : vector) expect(std::isfinite(number));
    }
  }
  llm::StreamedAnswer stream(format);
  if (stream.take({"message", body, ""})) expect_counts(stream.answer().tokens);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(fuzz::text_of(data, size));
  for (const auto format : {llm::WireFormat::openai, llm::WireFormat::anthropic, llm::WireFormat::gemini})
    read_as(format, body);
  (void)llm::read_answer_error(500, body);
  static const auto kSchema = boost::json::parse(R"({"type":"object","required":["label"],"properties":
    {"label":{"enum":["a","b"]},"items":{"type":"array","maxItems":3,"items":{"type":"integer"}}}})")
                                  .as_object();
  if (const auto value = llm::read_json_answer(body, kSchema))
    expect(llm::check_against(kSchema, *value).ok());
  boost::system::error_code failed;
  const auto schema = boost::json::parse(body, failed);
  if (!failed && schema.is_object() && llm::check_schema(schema.get_object()))
    (void)llm::check_against(schema.get_object(),
                             boost::json::parse(R"({"label":"a","items":[1,"x",null]})"));
  return 0;
}
