#include "connect/bluesky/jetstream_payload.hpp"

#include <fmt/format.h>

#include "connect/bluesky/jetstream_message.hpp"

namespace linnet::connect::bluesky {
namespace {

class JetstreamPayloadReader final : public PayloadReader {
 public:
  [[nodiscard]] model::EventKind kind_of(std::string_view type) const override {
    return type == "identity" ? model::EventKind::account : PayloadReader::kind_of(type);
  }

  FieldError read(simdjson::ondemand::value payload, Arena& arena, model::Event& event,
                  std::string& /*left_out*/) override {
    simdjson::ondemand::object object;
    std::string_view raw;
    simdjson::dom::element element;
    JetstreamMessage message;
    if (payload.get_object().get(object) != simdjson::SUCCESS ||
        object.raw_json().get(raw) != simdjson::SUCCESS)
      return "payload: expected a message of Jetstream as an object";
    if (const auto code = parser_.parse(raw.data(), raw.size()).get(element))
      return fmt::format("payload: expected JSON: {}", simdjson::error_message(code));
    if (auto error = read_message(element, arena, scratch_, message)) return "payload: " + *error;
    if (auto error = fill_event(std::move(message), event)) return "payload: " + *error;
    return {};
  }

 private:
  simdjson::dom::parser parser_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<PayloadReader> make_jetstream_payload_reader() {
  return std::make_unique<JetstreamPayloadReader>();
}

}  // namespace linnet::connect::bluesky
