#include "connect/person_eraser.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "connect/event_line.hpp"
#include "connect/every_platform.hpp"
#include "connect/log_lines.hpp"
#include "connect/raw_json.hpp"

namespace linnet::connect {
namespace {

namespace ondemand = simdjson::ondemand;

struct Envelope {
  std::string type = "update";
  std::string network;  // empty: the line names none
  std::string payload;  // JSON
};

// A line is an event with its payload, as an object or as text holding one, or a bare status.
Envelope read_envelope(ondemand::parser& parser, std::string_view line) {
  Envelope envelope;
  const simdjson::padded_string text(line);
  ondemand::document document = parser.iterate(text).value();
  bool has_envelope = false;
  ondemand::object object = document.get_object().value();
  for (auto item : object) {
    ondemand::field field = taken(std::move(item));
    const auto key = field.key();
    if (key == "event") {
      has_envelope = true;
      envelope.type = std::string(std::string_view(field.value().get_string().value()));
    } else if (key == "network") {
      envelope.network = std::string(std::string_view(field.value().get_string().value()));
    } else if (key == "payload") {
      has_envelope = true;
      ondemand::value payload = field.value();
      envelope.payload = payload.type().value() == ondemand::json_type::string
                             ? std::string(std::string_view(payload.get_string().value()))
                             : std::string(raw_json(payload));
    }
  }
  if (!has_envelope) envelope.payload = std::string(line);
  return envelope;
}

// An event whose payload is the id of a post.
bool is_about_an_id(std::string_view type) {
  return type == "delete" || type == "takedown" || type == "restoration";
}

// On some networks the id of a post says who wrote it.
bool tells_author(std::string_view post, std::string_view account) {
  const auto& all = every_platform();
  return std::any_of(all.begin(), all.end(), [&](const PlatformDoor& door) {
    return door.identity.author_in != nullptr && door.identity.author_in(post) == account;
  });
}

ErasedPayload erase_from(const Envelope& envelope, std::string_view account) {
  using Change = ErasedPayload::Change;
  if (is_about_an_id(envelope.type))
    return {tells_author(envelope.payload, account) ? Change::blanked : Change::none, "", ""};
  const auto* const lines = lines_of(envelope.network);
  if (lines == nullptr) return {Change::blanked, "", ""};
  return lines->erase(envelope.type, envelope.payload, account);
}

ErasedLine blanked(Instant received_at) {
  return {ErasedPayload::Change::blanked, blank_line(received_at), ""};
}

}  // namespace

struct PersonEraser::Parser {
  ondemand::parser line;
};

PersonEraser::PersonEraser(std::string account_id)
    : account_id_(std::move(account_id)), parser_(std::make_unique<Parser>()) {}
PersonEraser::~PersonEraser() = default;

std::string blank_line(Instant received_at) {
  return make_event_line(received_at, "erased", "null");
}

ErasedLine PersonEraser::erase(std::string_view line, Instant received_at) {
  using Change = ErasedLine::Change;
  if (line.find(account_id_) == std::string_view::npos) return {};
  try {
    const auto envelope = read_envelope(parser_->line, line);
    auto left = erase_from(envelope, account_id_);
    if (left.change == Change::none) return {};
    if (left.change == Change::blanked) return blanked(received_at);
    return {Change::rewritten, make_event_line(received_at, envelope.type, left.payload, envelope.network),
            std::move(left.status_id)};
  } catch (const simdjson::simdjson_error&) {
    return blanked(received_at);
  }
}

}  // namespace linnet::connect
