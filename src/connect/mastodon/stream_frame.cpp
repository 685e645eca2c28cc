#include "connect/mastodon/stream_frame.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "connect/event_line.hpp"
#include "connect/mastodon/raw_status.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view without_space_behind(std::string_view token) {
  const auto last = token.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : token.substr(0, last + 1);
}

void note_status(LiveEvent& event, std::string_view payload) {
  if (event.type != "update" && event.type != "status.update") return;
  auto status = read_raw_status(payload);
  if (!status) return;  // the reader of the line says what is wrong with it
  event.status_id = std::move(status->id);
  event.edited_at = std::move(status->edited_at);
  event.acct = std::move(status->acct);
}

// Handed on as it is: the reader of the line says what is wrong with it.
LiveEvent not_understood(std::string_view frame) {
  LiveEvent event;
  event.line = frame;
  std::replace_if(
      event.line.begin(), event.line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return event;
}

Error refusal(std::string_view text, std::int64_t status) {
  const auto said = to_valid_utf8(truncate_utf8(text, 200));
  const bool is_denied = status == 401 || status == 403;
  return Error::of(is_denied       ? ErrorKind::denied
                   : status == 404 ? ErrorKind::not_found
                   : status >= 500 ? ErrorKind::unavailable
                                   : ErrorKind::invalid,
                   fmt::format("the server refuses the stream: \"{}\"", said));
}

}  // namespace

Result<LiveEvent> read_frame(std::string_view frame, Instant received_at) {
  const simdjson::padded_string padded(frame);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return not_understood(frame);
  }
  LiveEvent event;
  std::string_view payload_token;
  std::string payload;
  std::string error;
  std::int64_t status = 0;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field) != simdjson::SUCCESS) return not_understood(frame);
    std::string_view text;
    if (field.key() == "event") {
      if (field.value().get_string().get(text) == simdjson::SUCCESS) event.type = text;
    } else if (field.key() == "payload") {
      ondemand::value value = field.value();
      ondemand::json_type type{};
      if (value.type().get(type) != simdjson::SUCCESS) return not_understood(frame);
      if (type == ondemand::json_type::string) {
        payload_token = without_space_behind(value.raw_json_token());
        if (value.get_string().get(text) != simdjson::SUCCESS) return not_understood(frame);
        payload = text;
      } else if (type == ondemand::json_type::object) {
        ondemand::object inner;
        if (value.get_object().get(inner) != simdjson::SUCCESS ||
            inner.raw_json().get(payload_token) != simdjson::SUCCESS) {
          return not_understood(frame);
        }
        payload = payload_token;
      } else {
        payload_token = without_space_behind(value.raw_json_token());
      }
    } else if (field.key() == "error") {
      if (field.value().get_string().get(text) == simdjson::SUCCESS) error = text;
    } else if (field.key() == "status") {
      std::int64_t number = 0;
      if (field.value().get_int64().get(number) == simdjson::SUCCESS) status = number;
    }
  }
  if (!error.empty() && event.type.empty()) return refusal(error, status);
  if (event.type.empty()) return not_understood(frame);
  if (payload_token.empty()) payload_token = "null";  // such as filters_changed
  event.line = make_event_line(received_at, event.type, payload_token);
  note_status(event, payload);
  return event;
}

LiveEvent read_server_event(std::string_view type, std::string_view data, Instant received_at) {
  LiveEvent event;
  event.type = type;
  event.line = make_event_line(received_at, type, json_quote(data));
  note_status(event, data);
  return event;
}

}  // namespace linnet::connect::mastodon
