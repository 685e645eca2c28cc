#include "connect/mastodon/event_reader.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/text.hpp"
#include "connect/bluesky/jetstream_message.hpp"
#include "connect/mastodon/status_reader.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = simdjson::ondemand;
using model::Event;
using model::EventKind;

// A copy with the padding that simdjson needs behind it.
class PaddedText {
 public:
  simdjson::padded_string_view assign(std::string_view text) {
    if (bytes_.size() < text.size() + simdjson::SIMDJSON_PADDING)
      bytes_.resize(text.size() + simdjson::SIMDJSON_PADDING);
    std::copy(text.begin(), text.end(), bytes_.begin());
    return simdjson::padded_string_view(bytes_.data(), text.size(), bytes_.size());
  }
  // One huge line must not hold its memory for ever.
  void shrink() {
    static constexpr std::size_t kKept = 1U << 20U;
    if (bytes_.size() > kKept) bytes_ = std::string();
  }

 private:
  std::string bytes_;
};

// The form of a payload. An event says the same on each network; what it says it of does not.
enum class Network { mastodon, bluesky };

EventKind kind_of(std::string_view type, Network network) {
  if (type == "identity" && network == Network::bluesky) return EventKind::account;
  if (type == "update" || type == "status.update") return EventKind::post;
  if (type == "delete") return EventKind::deletion;
  return EventKind::other;
}

}  // namespace

struct EventReader::Buffers {
  json::parser line_parser;
  json::parser payload_parser;
  simdjson::dom::parser message_parser;
  PaddedText line;
  PaddedText payload;
  std::string scratch;
};

EventReader::EventReader() : buffers_(std::make_unique<Buffers>()) {}
EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

namespace {

// One event being read; its members are what the steps share.
class EventParse {
 public:
  EventParse(Event& event, Arena& arena, std::string& scratch, simdjson::dom::parser& message_parser)
      : event_(event),
        arena_(arena),
        scratch_(scratch),
        message_parser_(message_parser),
        reader_(arena, scratch) {}

  FieldError envelope(json::document& document, json::parser& payload_parser, PaddedText& payload_text) {
    payload_parser_ = &payload_parser;
    payload_text_ = &payload_text;
    json::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return "the line: expected a JSON object";
    if (auto error = scan(object)) return error;
    if (!has_envelope_) return bare_status(document);
    if (event_.type.empty()) return "event: expected the kind of event, such as \"update\", got nothing";
    if (event_.kind == EventKind::other || payload_read_) return {};
    // The payload stood before the kind of event: it is found again, now that the kind is known.
    json::value payload;
    document.rewind();
    if (document.find_field_unordered("payload").get(payload) != simdjson::SUCCESS) {
      return "payload: expected it to be there, got nothing";
    }
    return read_payload(payload);
  }

 private:
  FieldError scan(json::object object) {
    for (auto item : object) {
      json::field field;
      if (std::move(item).get(field) != simdjson::SUCCESS)
        return "the line: expected a JSON object, got a broken one";
      if (field.key() == "payload") {
        has_envelope_ = true;
        if (event_.kind == EventKind::other) continue;
        payload_read_ = true;
        if (auto error = read_payload(field.value())) return error;
      } else if (field.key() == "event") {
        has_envelope_ = true;
        std::string_view type;
        if (field.value().get_string().get(type) != simdjson::SUCCESS) return "event: expected text";
        event_.type = keep_text(arena_, truncate_utf8(type, 100));
        event_.kind = kind_of(event_.type, network_);
      } else if (field.key() == "network") {
        if (auto error = read_network(field.value())) return error;
      } else if (field.key() == "received_at") {
        std::string_view text;
        const auto code = field.value().get_string().get(text);
        const auto at = code == simdjson::SUCCESS ? parse_iso8601(text) : std::nullopt;
        if (!at) return "received_at: expected an ISO 8601 time";
        event_.received_at = *at;
      }
    }
    return {};
  }

  // Before the payload, which cannot be read without it.
  FieldError read_network(json::value value) {
    std::string_view name;
    if (value.get_string().get(name) != simdjson::SUCCESS || name != "bluesky")
      return "network: expected \"bluesky\"";
    if (payload_read_) return "network: expected it before the payload";
    network_ = Network::bluesky;
    event_.kind = kind_of(event_.type, network_);
    return {};
  }

  FieldError read_payload(json::value payload) {
    if (event_.kind == EventKind::deletion) return deletion(payload);
    return network_ == Network::bluesky ? jetstream(payload) : post(payload);
  }

  FieldError jetstream(json::value payload) {
    json::object object;
    std::string_view raw;
    simdjson::dom::element element;
    bluesky::JetstreamMessage message;
    if (payload.get_object().get(object) != simdjson::SUCCESS ||
        object.raw_json().get(raw) != simdjson::SUCCESS)
      return "payload: expected a message of Jetstream as an object";
    if (const auto code = message_parser_.parse(raw.data(), raw.size()).get(element))
      return fmt::format("payload: expected JSON: {}", simdjson::error_message(code));
    if (auto error = bluesky::read_message(element, arena_, scratch_, message)) return "payload: " + *error;
    if (auto error = bluesky::fill_event(std::move(message), event_)) return "payload: " + *error;
    return {};
  }

  FieldError bare_status(json::document& document) {
    document.rewind();
    json::object status;
    if (document.get_object().get(status) != simdjson::SUCCESS) return "the line: expected a JSON object";
    event_.type = "update";
    event_.kind = EventKind::post;
    auto error = reader_.read(status, event_.posts);
    if (error && event_.posts.empty()) return "neither an event (event, payload) nor a status: " + *error;
    return finish(std::move(error));
  }

  FieldError deletion(json::value payload) {
    std::string_view id;
    if (payload.get_string().get(id) != simdjson::SUCCESS || id.empty()) {
      return "payload: expected the id of the deleted status as text";
    }
    if (id.size() > 1'000) return "payload: expected the id of the deleted status, got more than 1000 bytes";
    event_.status_id = keep_text(arena_, id);
    return {};
  }

  FieldError post(json::value payload) {
    json::object status;
    if (payload.get_object().get(status) == simdjson::SUCCESS)
      return finish(reader_.read(status, event_.posts));
    std::string_view text;
    if (payload.get_string().get(text) != simdjson::SUCCESS) {
      return "payload: expected a status as an object or as text holding JSON";
    }
    json::document document;
    if (payload_parser_->iterate(payload_text_->assign(text)).get(document) != simdjson::SUCCESS ||
        document.get_object().get(status) != simdjson::SUCCESS) {
      return "payload: expected text holding a JSON object";
    }
    return finish(reader_.read(status, event_.posts));
  }

  FieldError finish(FieldError error) {
    if (error) {
      event_.posts.clear();
    } else {
      event_.status_id = event_.posts.back().id;
    }
    return error;
  }

  Event& event_;
  Arena& arena_;
  std::string& scratch_;
  simdjson::dom::parser& message_parser_;
  StatusReader reader_;
  Network network_ = Network::mastodon;
  json::parser* payload_parser_ = nullptr;
  PaddedText* payload_text_ = nullptr;
  bool has_envelope_ = false;
  bool payload_read_ = false;
};

}  // namespace

Event EventReader::read(std::string_view line, Instant now, Arena& arena) {
  Event event;
  event.received_at = now;
  const auto fail = [&](std::string_view error) {
    // It may quote what came in, and PostgreSQL takes no NUL.
    event.error = arena.copy(to_valid_utf8(error));
    event.kind = EventKind::other;
    event.posts.clear();
    event.account.reset();
  };
  if (line.size() > kLongestLine) {
    fail(fmt::format("the line: expected at most {} bytes, got {}", kLongestLine, line.size()));
    return event;
  }
  json::document document;
  if (const auto code = buffers_->line_parser.iterate(buffers_->line.assign(line)).get(document)) {
    fail(fmt::format("the line: expected JSON in UTF-8: {}", simdjson::error_message(code)));
    return event;
  }
  EventParse parse(event, arena, buffers_->scratch, buffers_->message_parser);
  if (const auto error = parse.envelope(document, buffers_->payload_parser, buffers_->payload)) fail(*error);
  buffers_->line.shrink();
  buffers_->payload.shrink();
  return event;
}

}  // namespace linnet::connect::mastodon
