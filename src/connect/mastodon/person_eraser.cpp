#include "connect/mastodon/person_eraser.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <optional>

#include "connect/bluesky/message_eraser.hpp"
#include "connect/event_line.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view without_space_behind(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
}

// A field's own value() hides that of the result around it.
ondemand::field taken(simdjson::simdjson_result<ondemand::field>&& item) {
  ondemand::field field;
  if (const auto error = std::move(item).get(field)) throw simdjson::simdjson_error(error);
  return field;
}

// The value as it stands in the text, byte for byte. Throws as simdjson does.
std::string_view raw(ondemand::value value) {
  switch (value.type().value()) {
    case ondemand::json_type::object:
      return without_space_behind(value.get_object().value().raw_json().value());
    case ondemand::json_type::array:
      return without_space_behind(value.get_array().value().raw_json().value());
    default:
      return without_space_behind(value.raw_json_token());
  }
}

std::string id_of(ondemand::object object) {
  std::string_view id;
  if (object["id"].get_string().get(id) != simdjson::SUCCESS) return {};
  std::string found(id);
  object.reset().value();
  return found;
}

class FieldList {
 public:
  void add(std::string_view raw_key, std::string_view raw_value) {
    text_ += text_.empty() ? '{' : ',';
    text_.append("\"").append(raw_key).append("\":").append(raw_value);
  }
  std::string finish() && { return text_.empty() ? "{}" : std::move(text_) + "}"; }

 private:
  std::string text_;
};

struct StatusFacts {
  bool is_theirs = false;
  bool answers_them = false;
  bool boosts_them = false;
};

class StatusEraser {
 public:
  explicit StatusEraser(std::string_view account)
      : account_(account), quoted_(fmt::format("\"{}\"", account)) {}

  // The status without the person; nullopt when nothing of others is in it.
  std::optional<std::string> erase(ondemand::object status) const {
    const auto facts = read_facts(status);
    status.reset().value();
    if (facts.is_theirs) return boosted_post(status);
    if (facts.boosts_them) return bare_boost(status);
    FieldList kept;
    for (auto item : status) {
      ondemand::field field = taken(std::move(item));
      const auto key = raw_key(field);
      kept.add(key, without_them(key, field.value(), facts));
    }
    return std::move(kept).finish();
  }

 private:
  static std::string_view raw_key(ondemand::field& field) {
    const auto* const begin = field.key().raw();
    const auto* end = begin;
    while (*end != '"') end += *end == '\\' ? 2 : 1;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  bool is_account(ondemand::value value) const {
    ondemand::object account;
    return value.get_object().get(account) == simdjson::SUCCESS && id_of(account) == account_;
  }

  StatusFacts read_facts(ondemand::object status) const {
    StatusFacts facts;
    for (auto item : status) {
      ondemand::field field = taken(std::move(item));
      const auto key = raw_key(field);
      ondemand::value value = field.value();
      if (key == "account") {
        facts.is_theirs = is_account(value);
      } else if (key == "in_reply_to_account_id") {
        facts.answers_them = raw(value) == quoted_;
      } else if (key == "reblog") {
        ondemand::object inner;
        if (value.get_object().get(inner) != simdjson::SUCCESS) continue;
        ondemand::value author;
        facts.boosts_them = inner["account"].get(author) == simdjson::SUCCESS && is_account(author);
      }
    }
    return facts;
  }

  std::optional<std::string> boosted_post(ondemand::object status) const {
    ondemand::object inner;
    if (status["reblog"].get_object().get(inner) != simdjson::SUCCESS) return std::nullopt;
    return erase(inner);
  }

  // A boost repeats the boosted post's words: only what the boost itself is stays.
  std::string bare_boost(ondemand::object status) const {
    FieldList kept;
    for (auto item : status) {
      ondemand::field field = taken(std::move(item));
      const auto key = raw_key(field);
      const bool stays = key == "id" || key == "created_at" || key == "account" || key == "visibility" ||
                         key == "edited_at" || key.ends_with("_count");
      if (stays) kept.add(key, raw(field.value()));
    }
    kept.add("content", "\"\"");
    kept.add("reblog", fmt::format(R"({{"id":"{}","erased":true}})", kErasedPost));
    return std::move(kept).finish();
  }

  std::string without_them(std::string_view key, ondemand::value value, const StatusFacts& facts) const {
    if (key == "mentions") return other_mentions(value);
    if (key == "in_reply_to_id" && facts.answers_them) return fmt::format("\"{}\"", kErasedPost);
    if (key == "in_reply_to_account_id" && facts.answers_them) return "null";
    if (key == "reblog") return inner_status(value);
    if (key == "account") return without_move(value);
    const auto text = raw(value);
    // A quoted post, or a link's author: nothing that Linnet reads.
    const bool may_name_them = key == "quote" || key == "card";
    if (may_name_them && text.find(quoted_) != std::string_view::npos) return "null";
    return std::string(text);
  }

  std::string inner_status(ondemand::value value) const {
    ondemand::object inner;
    if (value.get_object().get(inner) != simdjson::SUCCESS) return "null";
    return erase(inner).value_or("null");
  }

  std::string other_mentions(ondemand::value value) const {
    ondemand::array mentions;
    if (value.get_array().get(mentions) != simdjson::SUCCESS) return "[]";
    std::string kept = "[";
    for (auto item : mentions) {
      ondemand::object mention = item.get_object().value();
      if (id_of(mention) == account_) continue;
      mention.reset().value();
      if (kept.size() > 1) kept += ',';
      kept.append(without_space_behind(mention.raw_json().value()));
    }
    return kept + "]";
  }

  // Accounts that moved to the person's show them in full.
  std::string without_move(ondemand::value value) const {
    ondemand::object account;
    if (value.get_object().get(account) != simdjson::SUCCESS) return "null";
    FieldList kept;
    for (auto item : account) {
      ondemand::field field = taken(std::move(item));
      const auto key = raw_key(field);
      const auto text = raw(field.value());
      if (key == "moved" && text.find(quoted_) != std::string_view::npos) continue;
      kept.add(key, text);
    }
    return std::move(kept).finish();
  }

  std::string_view account_;
  std::string quoted_;
};

bool is_about_a_post(std::string_view type) {
  return type == "update" || type == "status.update";
}

}  // namespace

struct PersonEraser::Parsers {
  ondemand::parser line;
  ondemand::parser payload;
};

PersonEraser::PersonEraser(std::string account_id)
    : account_id_(std::move(account_id)), parsers_(std::make_unique<Parsers>()) {}
PersonEraser::~PersonEraser() = default;

std::string blank_line(Instant received_at) {
  return make_event_line(received_at, "erased", "null");
}

namespace {

struct Envelope {
  std::string type = "update";
  std::string network;  // empty: Mastodon's
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
                             : std::string(raw(payload));
    }
  }
  if (!has_envelope) envelope.payload = std::string(line);
  return envelope;
}

ErasedLine erase_message(const Envelope& envelope, std::string_view account, Instant received_at) {
  using Change = bluesky::ErasedMessage::Change;
  auto left = bluesky::erase_from_message(envelope.payload, account);
  if (left.change == Change::none) return {};
  if (left.change == Change::blanked) return {ErasedLine::Change::blanked, blank_line(received_at), ""};
  return {ErasedLine::Change::rewritten,
          make_event_line(received_at, envelope.type, left.payload, envelope.network), std::move(left.post)};
}

std::string id_in(ondemand::parser& parser, const std::string& status) {
  const simdjson::padded_string text(status);
  ondemand::document document = parser.iterate(text).value();
  std::string_view id;
  return document["id"].get_string().get(id) == simdjson::SUCCESS ? std::string(id) : std::string();
}

}  // namespace

ErasedLine PersonEraser::erase(std::string_view line, Instant received_at) {
  if (line.find(account_id_) == std::string_view::npos) return {};
  try {
    const auto envelope = read_envelope(parsers_->line, line);
    if (!envelope.network.empty()) return erase_message(envelope, account_id_, received_at);
    // Elsewhere the id of a post says nothing of who wrote it.
    const bool names_a_post =
        envelope.type == "delete" || envelope.type == "takedown" || envelope.type == "restoration";
    if (names_a_post && envelope.payload.starts_with(fmt::format("at://{}/", account_id_)))
      return {ErasedLine::Change::blanked, blank_line(received_at), ""};
    if (!is_about_a_post(envelope.type)) {
      const bool names_them = envelope.payload.find(fmt::format("\"{}\"", account_id_)) != std::string::npos;
      if (names_a_post || !names_them) return {};
      return {ErasedLine::Change::blanked, blank_line(received_at), ""};
    }
    const simdjson::padded_string text(envelope.payload);
    ondemand::document document = parsers_->payload.iterate(text).value();
    auto left = StatusEraser(account_id_).erase(document.get_object().value());
    if (!left) return {ErasedLine::Change::blanked, blank_line(received_at), ""};
    if (*left == envelope.payload) return {};
    auto id = id_in(parsers_->payload, *left);
    return {ErasedLine::Change::rewritten, make_event_line(received_at, envelope.type, *left), std::move(id)};
  } catch (const simdjson::simdjson_error&) {
    return {ErasedLine::Change::blanked, blank_line(received_at), ""};
  }
}

}  // namespace linnet::connect::mastodon
