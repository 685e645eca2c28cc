#include "connect/private_lines.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "base/ascii.hpp"
#include "base/json_members.hpp"
#include "connect/every_platform.hpp"
#include "connect/log_lines.hpp"

namespace linnet::connect {
namespace {

namespace json = boost::json;
using Kept = KeptLine::Kept;
using model::Reach;

constexpr std::size_t kDeepest = 64;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Of Mastodon («conversation», the encrypted messages it once had) and of Pleroma («pleroma:chat_update»).
bool is_event_of_messages(std::string_view type) {
  return holds(type, "conversation") || holds(type, "chat") || holds(type, "message");
}

class Privacy {
 public:
  explicit Privacy(Reach widest) : widest_(widest) {}

  // A post that is, or a thing in which messages stand.
  [[nodiscard]] bool is_private(const json::object& object) const {
    for (const auto& [name, value] : object) {
      if (name == "visibility" && value.is_string() && is_word_private(value.get_string())) return true;
      if (name == "last_status" || name == "chat_message") return true;
    }
    return false;
  }

  [[nodiscard]] bool holds_private(const json::value& value) const {
    if (const auto* const array = value.if_array())
      return std::any_of(array->begin(), array->end(), [&](const auto& one) { return holds_private(one); });
    const auto* const object = value.if_object();
    if (object == nullptr) return false;
    return is_private(*object) || std::any_of(object->begin(), object->end(), [&](const auto& member) {
             return holds_private(member.value());
           });
  }

  void take_out(json::value& value) const {
    if (auto* const array = value.if_array()) {
      for (auto& one : *array) take_out(one);
    } else if (auto* const object = value.if_object()) {
      if (is_private(*object)) {
        value = nullptr;
        return;
      }
      for (auto& member : *object) take_out(member.value());
    }
  }

  [[nodiscard]] bool is_word_private(std::string_view visibility) const {
    const auto reach = model::reach_of(visibility);
    return reach == Reach::addressed || (reach == Reach::followers && widest_ == Reach::followers);
  }

 private:
  Reach widest_;
};

std::optional<json::value> read_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDeepest;
  boost::system::error_code code;
  auto value = json::parse({text.data(), text.size()}, code, {}, options);
  if (code) return {};
  return value;
}

// The word that stands as the value of «visibility», whatever quotes and backslashes are around it: as JSON,
// as JSON in a text, as Python writes it.
bool names_private(std::string_view line, const Privacy& privacy) {
  constexpr std::string_view kName = "visibility";
  const auto is_letter = [](char c) { return ascii::is_letter(c) || c == '_'; };
  for (auto at = line.find(kName); at != std::string_view::npos; at = line.find(kName, at + 1)) {
    auto begin = at + kName.size();
    while (begin < line.size() && std::string_view("\\\"' \t:=>").find(line[begin]) != std::string_view::npos)
      ++begin;
    auto end = begin;
    while (end < line.size() && is_letter(line[end])) ++end;
    if (privacy.is_word_private(line.substr(begin, end - begin))) return true;
  }
  return holds(line, "last_status") || holds(line, "chat_message");
}

// Networks whose own rules say what is private.
bool has_rules_of_its_own(const LineRules& lines) {
  return lines.is_private != nullptr;
}

bool names_such_a_network(std::string_view line) {
  const auto& all = every_platform();
  return std::any_of(all.begin(), all.end(), [&](const PlatformDoor& door) {
    return has_rules_of_its_own(*door.lines) && holds(line, door.lines->network);
  });
}

KeptLine judge_words(std::string_view line, const Privacy& privacy) {
  const bool is_out = names_such_a_network(line) || names_private(line, privacy);
  return is_out ? KeptLine{Kept::nothing, {}} : KeptLine{};
}

bool is_of_a_post(std::string_view type) {
  return type == "update" || type == "status.update";
}

// A boost of a message, were there one, says what the message says.
bool is_post_private(const json::object& status, const Privacy& privacy) {
  const auto* const boosted = status.if_contains("reblog");
  return privacy.is_private(status) ||
         (boosted != nullptr && boosted->is_object() && privacy.is_private(boosted->get_object()));
}

KeptLine rest_of(json::value& line, json::value& payload, const Privacy& privacy) {
  privacy.take_out(payload);
  return {Kept::rest, json::serialize(line)};
}

}  // namespace

bool may_be_private(std::string_view line, Reach widest) {
  if (names_such_a_network(line)) return true;
  for (const auto* const word : {"direct", "specified", "Direct", "Specified", "DIRECT", "SPECIFIED",
                                 "onversation", "chat", "message", "last_status"}) {
    if (holds(line, word)) return true;
  }
  if (widest == Reach::followers && holds(line, "visibility")) return true;
  // Letters may be written as escapes.
  for (auto at = line.find("\\u00"); at != std::string_view::npos; at = line.find("\\u00", at + 1)) {
    if (at + 4 < line.size() && line[at + 4] >= '4' && line[at + 4] <= '7') return true;
  }
  return false;
}

KeptLine without_private(std::string_view line, Reach widest) {
  const Privacy privacy(widest);
  auto parsed = read_json(line);
  if (!parsed) return judge_words(line, privacy);
  auto* const object = parsed->if_object();
  if (object == nullptr) return privacy.holds_private(*parsed) ? KeptLine{Kept::nothing, {}} : KeptLine{};
  auto* payload = object->if_contains("payload");
  if (const auto* const lines = lines_of(text_view_in(*object, "network"));
      lines != nullptr && has_rules_of_its_own(*lines)) {
    const bool is_private = lines->is_private(text_view_in(*object, "event"),
                                              payload == nullptr ? nullptr : payload->if_object());
    return {is_private ? Kept::nothing : Kept::whole, {}};
  }
  const bool has_envelope = payload != nullptr || object->contains("event");
  const std::string type(has_envelope ? text_view_in(*object, "event") : "update");
  if (is_event_of_messages(type)) return {Kept::nothing, {}};
  if (has_envelope && payload == nullptr) return {};
  if (has_envelope && payload->is_string()) {
    auto inner = read_json(payload->get_string());
    if (!inner) return judge_words(payload->get_string(), privacy);
    if (!inner->is_object() && !inner->is_array()) return {};
    if (!privacy.holds_private(*inner)) return {};
    *payload = std::move(*inner);
  }
  auto& content = has_envelope ? *payload : *parsed;
  if (!privacy.holds_private(content)) return {};
  const auto* const status = content.if_object();
  if (status == nullptr || !is_of_a_post(type) || is_post_private(*status, privacy))
    return {Kept::nothing, {}};
  return rest_of(*parsed, content, privacy);
}

}  // namespace linnet::connect
