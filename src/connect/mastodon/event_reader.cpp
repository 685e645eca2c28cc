#include "connect/mastodon/event_reader.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <optional>

#include "base/text.hpp"
#include "connect/bluesky/jetstream_message.hpp"
#include "connect/mastodon/status_reader.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace ondemand = simdjson::ondemand;
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

// nullopt where nothing has to be replaced.
std::optional<std::string> with_whole_surrogates(std::string_view json) {
  if (json.find("\\ud") == std::string_view::npos && json.find("\\uD") == std::string_view::npos) return {};
  auto mended = without_half_surrogates(json);
  if (mended == json) return {};
  return mended;
}

std::string without_control(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  return text;
}

// The form of a payload. An event says the same on each network; what it says it of does not.
enum class Network { mastodon, bluesky };

// A moment further ahead than clocks may differ is not believed.
constexpr Duration kClocksDiffer = std::chrono::minutes{10};

EventKind kind_of(std::string_view type, Network network) {
  if (type == "identity" && network == Network::bluesky) return EventKind::account;
  if (type == "update" || type == "status.update") return EventKind::post;
  if (type == "delete") return EventKind::deletion;
  if (type == "takedown") return EventKind::takedown;
  if (type == "restoration") return EventKind::restoration;
  return EventKind::other;
}

}  // namespace

struct EventReader::Buffers {
  ondemand::parser line_parser;
  ondemand::parser payload_parser;
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
  // Its `received_at` is the present moment until the line tells another.
  EventParse(Event& event, Arena& arena, std::string& scratch, simdjson::dom::parser& message_parser)
      : event_(event),
        now_(event.received_at),
        arena_(arena),
        scratch_(scratch),
        message_parser_(message_parser),
        reader_(arena, scratch) {}

  FieldError envelope(ondemand::document& document, ondemand::parser& payload_parser,
                      PaddedText& payload_text) {
    payload_parser_ = &payload_parser;
    payload_text_ = &payload_text;
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return no_object(document);
    if (auto error = scan(object)) return error;
    if (!has_envelope_) return bare_status(document);
    if (event_.type.empty()) return "event: expected the kind of event, such as \"update\", got nothing";
    if (event_.kind == EventKind::other || payload_read_) return {};
    // The payload stood before the kind of event: it is found again, now that the kind is known.
    ondemand::value payload;
    document.rewind();
    if (document.find_field_unordered("payload").get(payload) != simdjson::SUCCESS) {
      return "payload: expected it to be there, got nothing";
    }
    return read_payload(payload);
  }

  // An edit that lies ahead would make every later one look old.
  void bound_edits() {
    for (auto& post : event_.posts) {
      if (!post.edited_at || *post.edited_at <= event_.received_at + kClocksDiffer) continue;
      post.edited_at = event_.received_at;
      leave_out("edited_at: it lies ahead");
    }
  }

  std::string take_left_out() {
    auto words = reader_.take_left_out();
    if (!left_out_.empty()) words = words.empty() ? left_out_ : left_out_ + "; " + words;
    return words;
  }

 private:
  static FieldError no_object(ondemand::document& document) {
    ondemand::json_type type{};
    const bool is_array =
        document.type().get(type) == simdjson::SUCCESS && type == ondemand::json_type::array;
    if (!is_array) return "the line: expected a JSON object";
    return fmt::format("the line: it is an array: {}", kOneALine);
  }

  void leave_out(std::string_view words) {
    if (!left_out_.empty()) left_out_ += "; ";
    left_out_ += words;
  }

  FieldError scan(ondemand::object object) {
    for (auto item : object) {
      ondemand::field field;
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
        if (at && *at <= now_ + kClocksDiffer) {
          event_.received_at = *at;
        } else if (at) {
          leave_out("received_at: it lies ahead");
        } else if (code == simdjson::SUCCESS || !is_null(field.value())) {
          leave_out("received_at: expected an ISO 8601 time");
        }
      }
    }
    return {};
  }

  static bool is_null(ondemand::value value) {
    ondemand::json_type type{};
    return value.type().get(type) == simdjson::SUCCESS && type == ondemand::json_type::null;
  }

  // Before the payload, which cannot be read without it.
  FieldError read_network(ondemand::value value) {
    std::string_view name;
    if (is_null(value)) return {};
    if (value.get_string().get(name) != simdjson::SUCCESS || name != "bluesky")
      return "network: expected \"bluesky\"";
    if (payload_read_) return "network: expected it before the payload";
    network_ = Network::bluesky;
    event_.kind = kind_of(event_.type, network_);
    return {};
  }

  FieldError read_payload(ondemand::value payload) {
    if (event_.kind == EventKind::deletion || event_.kind == EventKind::takedown ||
        event_.kind == EventKind::restoration)
      return deletion(payload);
    return network_ == Network::bluesky ? jetstream(payload) : post(payload);
  }

  FieldError jetstream(ondemand::value payload) {
    ondemand::object object;
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

  FieldError bare_status(ondemand::document& document) {
    document.rewind();
    ondemand::object status;
    if (document.get_object().get(status) != simdjson::SUCCESS) return "the line: expected a JSON object";
    event_.type = "update";
    event_.kind = EventKind::post;
    auto error = reader_.read(status, event_.posts);
    if (error && event_.posts.empty()) return "neither an event (event, payload) nor a status: " + *error;
    return finish(std::move(error));
  }

  FieldError deletion(ondemand::value payload) {
    FieldReader fields(arena_);
    if (fields.required_id("payload", payload, event_.status_id))
      return "payload: expected the id of the deleted status, as text of at most 1000 bytes or a whole "
             "number";
    return {};
  }

  FieldError post(ondemand::value payload) {
    ondemand::object status;
    if (payload.get_object().get(status) == simdjson::SUCCESS)
      return finish(reader_.read(status, event_.posts));
    std::string_view text;
    if (payload.get_string().get(text) != simdjson::SUCCESS) {
      return "payload: expected a status as an object or as text holding JSON";
    }
    ondemand::document document;
    const auto mended = with_whole_surrogates(text);
    if (mended) text = *mended;
    if (payload_parser_->iterate(payload_text_->assign(text)).get(document) != simdjson::SUCCESS ||
        document.get_object().get(status) != simdjson::SUCCESS) {
      return "payload: expected text holding a JSON object";
    }
    return finish(reader_.read(status, event_.posts));
  }

  FieldError finish(FieldError error) {
    if (error) {
      event_.posts.clear();
      return error;
    }
    event_.status_id = event_.posts.back().id;
    return error;
  }

  Event& event_;
  Instant now_;
  Arena& arena_;
  std::string& scratch_;
  simdjson::dom::parser& message_parser_;
  StatusReader reader_;
  Network network_ = Network::mastodon;
  ondemand::parser* payload_parser_ = nullptr;
  PaddedText* payload_text_ = nullptr;
  std::string left_out_;
  bool has_envelope_ = false;
  bool payload_read_ = false;
};

}  // namespace

bool begins_document(std::string_view line) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  line = trim(line);
  return line == "[" || line == "{" || line == "[{";
}

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
  if (begins_document(line)) {
    fail(fmt::format("the line: the beginning of a JSON document over many lines: {}", kOneALine));
    return event;
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  std::string left_out;
  auto mended = with_whole_surrogates(line);
  if (mended) line = *mended;
  ondemand::document document;
  auto code = buffers_->line_parser.iterate(buffers_->line.assign(line)).get(document);
  if (code == simdjson::UTF8_ERROR || code == simdjson::UNESCAPED_CHARS) {
    left_out = "bytes that JSON does not allow";
    mended = without_control(to_valid_utf8(line));
    code = buffers_->line_parser.iterate(buffers_->line.assign(*mended)).get(document);
  }
  if (code) {
    fail(fmt::format("the line: expected JSON in UTF-8: {}", simdjson::error_message(code)));
    return event;
  }
  EventParse parse(event, arena, buffers_->scratch, buffers_->message_parser);
  if (const auto error = parse.envelope(document, buffers_->payload_parser, buffers_->payload)) fail(*error);
  parse.bound_edits();
  if (const auto fields = parse.take_left_out(); !fields.empty())
    left_out += (left_out.empty() ? "" : "; ") + fields;
  event.left_out = arena.copy(to_valid_utf8(left_out));
  buffers_->line.shrink();
  buffers_->payload.shrink();
  return event;
}

}  // namespace linnet::connect::mastodon
