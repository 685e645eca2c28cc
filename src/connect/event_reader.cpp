#include "connect/event_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <map>
#include <optional>

#include "base/text.hpp"
#include "connect/every_platform.hpp"
#include "connect/field_reader.hpp"
#include "connect/log_lines.hpp"
#include "connect/padded_text.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect {
namespace {

namespace ondemand = simdjson::ondemand;
using model::Event;
using model::EventKind;

std::string without_control(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  return text;
}

// A moment further ahead than clocks may differ is not believed.
constexpr Duration kClocksDiffer = std::chrono::minutes{10};

// The readers of each network, made when the first line of it comes.
class PayloadReaders {
 public:
  // Null for a network that none is called.
  PayloadReader* of(std::string_view network) {
    const auto known = readers_.find(network);
    if (known != readers_.end()) return known->second.get();
    const auto* const lines = lines_of(network);
    if (lines == nullptr) return nullptr;
    return readers_.emplace(network, lines->make_reader()).first->second.get();
  }
  void shrink() {
    for (auto& [network, reader] : readers_) reader->shrink();
  }

 private:
  std::map<std::string, std::unique_ptr<PayloadReader>, std::less<>> readers_;
};

std::string known_networks() {
  std::vector<std::string> names;
  for (const auto& door : every_platform())
    if (!door.lines->network.empty()) names.push_back(fmt::format("\"{}\"", door.lines->network));
  return fmt::format("{}", fmt::join(names, " or "));
}

}  // namespace

struct EventReader::Buffers {
  ondemand::parser line_parser;
  PaddedText line;
  PayloadReaders readers;
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
  EventParse(Event& event, Arena& arena, PayloadReaders& readers)
      : event_(event), now_(event.received_at), arena_(arena), readers_(readers), reader_(readers.of("")) {}

  FieldError envelope(ondemand::document& document) {
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
    if (!fields_left_out_.empty()) leave_out(fields_left_out_);
    return std::move(left_out_);
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
        event_.kind = reader_->kind_of(event_.type);
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
    auto* const reader =
        value.get_string().get(name) == simdjson::SUCCESS && !name.empty() ? readers_.of(name) : nullptr;
    if (reader == nullptr) return fmt::format("network: expected {}", known_networks());
    if (payload_read_) return "network: expected it before the payload";
    reader_ = reader;
    event_.kind = reader_->kind_of(event_.type);
    return {};
  }

  FieldError read_payload(ondemand::value payload) {
    if (event_.kind == EventKind::deletion || event_.kind == EventKind::takedown ||
        event_.kind == EventKind::restoration)
      return deletion(payload);
    return reader_->read(payload, arena_, event_, fields_left_out_);
  }

  FieldError bare_status(ondemand::document& document) {
    document.rewind();
    ondemand::object status;
    if (document.get_object().get(status) != simdjson::SUCCESS) return "the line: expected a JSON object";
    event_.type = "update";
    event_.kind = EventKind::post;
    return reader_->read_bare(status, arena_, event_, fields_left_out_);
  }

  FieldError deletion(ondemand::value payload) {
    FieldReader fields(arena_);
    if (fields.required_id("payload", payload, event_.status_id))
      return "payload: expected the id of the deleted status, as text of at most 1000 bytes or a whole "
             "number";
    return {};
  }

  Event& event_;
  Instant now_;
  Arena& arena_;
  PayloadReaders& readers_;
  PayloadReader* reader_;  // of the network that the line names, or of lines that name none
  std::string left_out_;
  std::string fields_left_out_;  // of the payload
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
  EventParse parse(event, arena, buffers_->readers);
  if (const auto error = parse.envelope(document)) fail(*error);
  parse.bound_edits();
  if (const auto fields = parse.take_left_out(); !fields.empty())
    left_out += (left_out.empty() ? "" : "; ") + fields;
  event.left_out = arena.copy(to_valid_utf8(left_out));
  buffers_->line.shrink();
  buffers_->readers.shrink();
  return event;
}

}  // namespace linnet::connect
