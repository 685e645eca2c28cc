#include "connect/bluesky/chat_answers.hpp"

#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "base/text.hpp"
#include "connect/bluesky/record_key.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestName = 512;  // of ids and cursors; the service's own are far shorter
constexpr std::size_t kMostMembers = 500;

// Empty for one that cannot be sent back, or kept, as it is.
std::string name_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  const std::string_view text = value->as_string();
  const bool is_fine = text.size() <= kLongestName && text.find('\0') == std::string_view::npos;
  return is_fine && is_valid_utf8(text) ? std::string(text) : std::string();
}

std::string did_in(const json::object& object) {
  auto did = name_in(object, "did");
  return is_did(did) ? did : std::string();
}

Result<json::object> parse(std::string_view body) {
  boost::system::error_code code;
  auto value = json::parse(json::string_view(body.data(), body.size()), code);
  if (code || !value.is_object()) return unavailable("the chat service sent an answer that cannot be read");
  return std::move(value.as_object());
}

std::vector<ChatMember> members_of(const json::object& convo) {
  std::vector<ChatMember> members;
  const auto* const list = list_in(convo, "members");
  if (list == nullptr) return members;
  for (const auto& item : *list) {
    const auto* const object = item.if_object();
    if (object == nullptr || members.size() == kMostMembers) continue;
    ChatMember member{did_in(*object), name_in(*object, "handle")};
    // Those who have left, or whose handle no longer leads to them, have a name in its place.
    if (!is_handle(member.handle) || member.handle.ends_with(".invalid")) member.handle.clear();
    if (!member.did.empty()) members.push_back(std::move(member));
  }
  return members;
}

std::optional<ChatConvo> convo_of(const json::object& object) {
  ChatConvo convo;
  convo.id = name_in(object, "id");
  if (convo.id.empty()) return {};
  convo.members = members_of(object);
  convo.rev = name_in(object, "rev");
  // One that was deleted may leave the other as it was.
  if (const auto* const last = object_in(object, "lastMessage"))
    convo.rev += " " + name_in(*last, "id") + " " + text_in(*last, "$type");
  if (const auto* const count = object.if_contains("unreadCount"); count != nullptr && count->is_int64())
    convo.unread_count = std::max<std::int64_t>(count->as_int64(), 0);
  const auto* const kind = object_in(object, "kind");
  const auto type = kind == nullptr ? std::string() : text_in(*kind, "$type");
  // What is neither said to be between two nor is it has more people in it than can be told.
  convo.is_group = (!type.empty() && !type.ends_with("#directConvo")) || convo.members.size() > 2;
  if (convo.is_group && kind != nullptr) convo.group_name = to_valid_utf8(text_in(*kind, "name"));
  return convo;
}

std::optional<ChatMessage> message_of(const json::object& object) {
  ChatMessage message;
  message.id = name_in(object, "id");
  if (message.id.empty()) return {};
  const auto type = text_in(object, "$type");
  message.sent_at = parse_iso8601(text_in(object, "sentAt"));
  if (const auto* const sender = object_in(object, "sender")) message.sender = did_in(*sender);
  if (type.ends_with("#deletedMessageView")) {
    message.kind = ChatMessage::Kind::deleted;
    return message;
  }
  const auto* const text = object.if_contains("text");
  const bool is_message = type.empty() || type.ends_with("#messageView");
  if (!is_message) return message;
  if (text == nullptr || !text->is_string() || message.sender.empty()) return {};
  message.kind = ChatMessage::Kind::text;
  message.text = to_valid_utf8(text_in(object, "text"));
  message.shows_post = object_in(object, "embed") != nullptr;
  return message;
}

}  // namespace

Result<ConvoPage> read_convo_page(std::string_view body) {
  LINNET_TRY(const auto object, parse(body));
  const auto* const list = list_in(object, "convos");
  if (list == nullptr) return unavailable("the chat service sent no conversations");
  ConvoPage page;
  page.cursor = name_in(object, "cursor");
  for (const auto& item : *list) {
    auto convo = item.is_object() ? convo_of(item.as_object()) : std::nullopt;
    if (convo) page.convos.push_back(std::move(*convo));
  }
  return page;
}

Result<MessagePage> read_message_page(std::string_view body) {
  LINNET_TRY(const auto object, parse(body));
  const auto* const list = list_in(object, "messages");
  if (list == nullptr) return unavailable("the chat service sent no messages");
  MessagePage page;
  page.cursor = name_in(object, "cursor");
  const auto* const said = object.if_contains("cursor");
  if (page.cursor.empty() && said != nullptr && !said->is_null()) page.is_whole = false;
  for (const auto& item : *list) {
    auto message = item.is_object() ? message_of(item.as_object()) : std::nullopt;
    if (message) page.messages.push_back(std::move(*message));
    if (!message) page.is_whole = false;
  }
  return page;
}

Result<ChatConvo> read_convo(std::string_view body) {
  LINNET_TRY(const auto object, parse(body));
  const auto* const said = object_in(object, "convo");
  auto convo = said == nullptr ? std::nullopt : convo_of(*said);
  if (!convo) return unavailable("the chat service sent no conversation");
  return std::move(*convo);
}

Result<ChatMessage> read_message(std::string_view body) {
  LINNET_TRY(const auto object, parse(body));
  auto message = message_of(object);
  if (!message || message->kind != ChatMessage::Kind::text)
    return unavailable("the chat service sent no message");
  return std::move(*message);
}

Result<ChatAvailability> read_availability(std::string_view body) {
  LINNET_TRY(const auto object, parse(body));
  const auto* const can = object.if_contains("canChat");
  if (can == nullptr || !can->is_bool())
    return unavailable("the chat service did not say whether a message may be sent");
  ChatAvailability availability{can->as_bool(), std::nullopt};
  const auto* const convo = object_in(object, "convo");
  if (convo == nullptr) return availability;
  availability.convo = convo_of(*convo);
  if (!availability.convo) return unavailable("the chat service sent no conversation");
  return availability;
}

}  // namespace linnet::connect::bluesky
