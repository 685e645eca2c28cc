#include "connect/mastodon/status_eraser.hpp"

#include <fmt/format.h>

#include "connect/field_reader.hpp"
#include "connect/raw_json.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace ondemand = simdjson::ondemand;

std::string text_id_of(ondemand::object object) {
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
  bool is_account(ondemand::value value) const {
    ondemand::object account;
    return value.get_object().get(account) == simdjson::SUCCESS && text_id_of(account) == account_;
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
        facts.answers_them = raw_json(value) == quoted_;
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
      if (stays) kept.add(key, raw_json(field.value()));
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
    const auto text = raw_json(value);
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
      if (text_id_of(mention) == account_) continue;
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
      const auto text = raw_json(field.value());
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

std::string id_in(ondemand::parser& parser, const std::string& status) {
  const simdjson::padded_string text(status);
  ondemand::document document = parser.iterate(text).value();
  std::string_view id;
  return document["id"].get_string().get(id) == simdjson::SUCCESS ? std::string(id) : std::string();
}

}  // namespace

ErasedPayload erase_from_event(std::string_view type, std::string_view payload, std::string_view account) {
  using Change = ErasedPayload::Change;
  if (!is_about_a_post(type)) {
    const bool names_them = payload.find(fmt::format("\"{}\"", account)) != std::string_view::npos;
    return {names_them ? Change::blanked : Change::none, "", ""};
  }
  ondemand::parser parser;
  const simdjson::padded_string text(payload);
  ondemand::document document = parser.iterate(text).value();
  auto left = StatusEraser(account).erase(document.get_object().value());
  if (!left) return {Change::blanked, "", ""};
  if (*left == payload) return {};
  auto id = id_in(parser, *left);
  return {Change::rewritten, std::move(*left), std::move(id)};
}

}  // namespace linnet::connect::mastodon
