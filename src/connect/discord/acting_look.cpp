// What stands on Discord: whether an order took effect, whom it reaches, and conversations.
#include <fmt/format.h>

#include <algorithm>

#include "base/json_members.hpp"
#include "connect/discord/acting_discord.hpp"
#include "connect/discord/snowflake.hpp"
#include "connect/own_newest.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;
using model::ActionType;
using model::TargetType;
using Shown = Evidence::Shown;

constexpr int kMostPagesToSearch = 10;  // of 100 messages
constexpr int kPageSize = 100;

std::string author_in_message(const json::object& message) {
  const auto* const author = object_in(message, "author");
  return author == nullptr ? std::string() : text_in(*author, "id");
}

// Discord takes white space off both ends.
std::string_view bare(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool is_the_message(const Order& order, const json::object& message, const std::string& own_id) {
  const auto* const files = list_in(message, "attachments");
  const auto* const reference = object_in(message, "message_reference");
  const auto answered = reference == nullptr ? std::string() : text_in(*reference, "message_id");
  const auto target = parse_message_name(order.target_id);
  const bool answers = order.type == ActionType::comment || order.type == ActionType::reply;
  return author_in_message(message) == own_id &&
         bare(text_view_in(message, "content")) == bare(order.draft.text) &&
         (files == nullptr ? 0 : files->size()) == order.draft.media.size() &&
         answered == (answers && target ? target->message : std::string());
}

// Whether the account reacted with a like.
bool is_liked(const json::object& message) {
  const auto* const reactions = list_in(message, "reactions");
  if (reactions == nullptr) return false;
  return std::any_of(reactions->begin(), reactions->end(), [](const json::value& one) {
    const auto* const reaction = one.if_object();
    const auto* const emoji = reaction == nullptr ? nullptr : object_in(*reaction, "emoji");
    const auto* const is_mine = reaction == nullptr ? nullptr : reaction->if_contains("me");
    return emoji != nullptr && text_view_in(*emoji, "name") == "👍" && is_mine != nullptr &&
           is_mine->is_bool() && is_mine->as_bool();
  });
}

Person person_of(const json::object& user) {
  return {text_in(user, "id"), text_in(user, "username"), text_in(user, "bio")};
}

bool is_deletion(ActionType type) {
  return type == ActionType::delete_post || type == ActionType::delete_comment;
}

// <@123> and <@!123>, each once.
std::vector<std::string> mentioned_in(std::string_view text) {
  std::vector<std::string> ids;
  for (auto at = text.find("<@"); at != std::string_view::npos; at = text.find("<@", at + 2)) {
    auto rest = text.substr(at + 2);
    if (rest.starts_with('!')) rest.remove_prefix(1);
    const auto id = rest.substr(0, rest.find('>'));
    if (is_snowflake(id) && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.emplace_back(id);
  }
  return ids;
}

MessageSeen message_seen(const json::object& message, const std::string& own_id) {
  MessageSeen seen;
  seen.id = text_in(message, "id");
  seen.sender_id = author_in_message(message);
  if (const auto* const author = object_in(message, "author"))
    seen.sender_name = text_in(*author, "username");
  seen.is_from_us = seen.sender_id == own_id;
  seen.text = text_in(message, "content");
  seen.sent_at = parse_iso8601(text_view_in(message, "timestamp"));
  const auto* const files = list_in(message, "attachments");
  if (files != nullptr && !files->empty()) seen.content_type = "image";
  return seen;
}

}  // namespace

Result<std::optional<json::object>> ActingDiscord::find_message(const MessageName& name,
                                                                const std::stop_token& stop) {
  auto message = read_object(fmt::format("/channels/{}/messages/{}", name.channel, name.message), stop);
  if (message) return std::optional(std::move(*message));
  if (message.error().kind == ErrorKind::not_found) return std::optional<json::object>();
  return message.error();
}

Result<Evidence> ActingDiscord::look(const Order& order, const std::string& platform_id,
                                     const std::stop_token& stop) {
  const bool writes = order.type != ActionType::edit_post && model::has_text(order.type);
  const auto name = parse_message_name(writes ? platform_id : order.target_id);
  if (!name && writes) return search(order, stop);
  if (!name) return Evidence{};
  LINNET_TRY(const auto message, find_message(*name, stop));
  Evidence evidence;
  evidence.confidence = 0.95;
  evidence.platform_id = message_name(name->channel, name->message);
  evidence.details = {{"exists", message.has_value()}};
  bool is_shown = message.has_value();
  if (is_deletion(order.type)) {
    is_shown = !message;
  } else if (order.type == ActionType::unlike) {
    is_shown = !message || !is_liked(*message);
  } else if (order.type == ActionType::like) {
    is_shown = message && is_liked(*message);
  } else if (message) {
    is_shown = bare(text_view_in(*message, "content")) == bare(order.draft.text);
    if (!is_shown) evidence.why = "what stands there has another text";
  }
  evidence.shown = is_shown ? Shown::yes : Shown::no;
  if (message) evidence.url = link_to("", *name);
  return evidence;
}

Result<Evidence> ActingDiscord::search(const Order& order, const std::stop_token& stop) {
  LINNET_TRY(const auto channel, channel_of(order, stop));
  std::optional<MessageName> found;
  std::vector<std::string> copies;
  const std::function<Result<OwnPage<json::object>>(const std::string&)> ask =
      [&](const std::string& before) -> Result<OwnPage<json::object>> {
    const auto bound = before.empty() ? std::string() : "&before=" + before;
    LINNET_TRY(
        auto page,
        rest_.ask({"GET", fmt::format("/channels/{}/messages?limit={}{}", channel, kPageSize, bound)}, stop));
    if (!page.is_array()) return unavailable("Discord sent no messages");
    OwnPage<json::object> answer;
    answer.server_time = clock_.now();
    for (auto& item : page.as_array()) {
      if (!item.is_object()) continue;
      auto& message = item.as_object();
      answer.made.push_back(
          {text_in(message, "id"), parse_iso8601(text_view_in(message, "timestamp")), std::move(message)});
    }
    if (answer.made.size() == kPageSize) answer.next = answer.made.back().id;
    return answer;
  };
  const std::function<Result<bool>(const json::object&)> on_made = [&](const json::object& message) {
    MessageName name{channel, text_in(message, "id")};
    const auto id = message_name(name.channel, name.message);
    if (order.of_others.contains(id) || !is_the_message(order, message, user_id_)) return Result<bool>(true);
    if (found) copies.push_back(link_to("", *found));
    found = std::move(name);  // the oldest is the first that was sent
    return Result<bool>(true);
  };
  LINNET_TRY(const auto walk,
             walk_own_newest<json::object>(order.first_tried_at, kMostPagesToSearch, clock_, ask, on_made));
  Evidence evidence;
  evidence.details = {{"searched", walk.searched}};
  evidence.confidence = found ? 0.9 : 0.8;
  evidence.copies = std::move(copies);
  if (found) {
    evidence.shown = Shown::yes;
    evidence.platform_id = message_name(found->channel, found->message);
    evidence.url = link_to("", *found);
  } else if (walk.is_whole) {
    evidence.shown = Shown::no;
  } else {
    evidence.why = "too much was written in the channel since then to be sure";
  }
  return evidence;
}

Result<Person> ActingDiscord::find_person(const std::string& id, const std::stop_token& stop) {
  const auto user = read_object("/users/" + id, stop);
  if (user) return person_of(*user);
  if (user.error().kind == ErrorKind::not_found) return Person{"", id, ""};
  return user.error();
}

Result<Target> ActingDiscord::target(const Order& order, const std::stop_token& stop) {
  Target target;
  const auto take = [&](const Person& person) {
    target.author_id = person.id;
    target.author_name = person.name;
    target.author_bio = person.bio;
  };
  if (order.target_type == TargetType::user) {
    LINNET_TRY(const auto person, find_person(order.target_id, stop));
    take(person);
  } else if (order.target_type == TargetType::dm_thread) {
    LINNET_TRY(const auto channel, read_object("/channels/" + order.target_id, stop));
    const auto* const people = list_in(channel, "recipients");
    if (people == nullptr || people->size() != 1 || !people->front().is_object())
      return invalid("thread_id: expected a conversation with one person");
    take(person_of(people->front().as_object()));
  } else if (const auto name = parse_message_name(order.target_id);
             name && order.target_type == TargetType::post) {
    LINNET_TRY(const auto message, find_message(*name, stop));
    if (!message && !is_deletion(order.type)) return not_found("the message is not there (any more)");
    target.already_done = is_deletion(order.type) && !message;
    if (message) {
      target.post_text = text_in(*message, "content");
      target.post_url = link_to("", *name);
      if (const auto* const author = object_in(*message, "author")) take(person_of(*author));
      if (order.type == ActionType::like) target.already_done = is_liked(*message);
      if (order.type == ActionType::unlike) target.already_done = !is_liked(*message);
    }
  }
  if (!model::has_text(order.type)) return target;
  for (const auto& id : mentioned_in(order.draft.text)) {
    LINNET_TRY(auto person, find_person(id, stop));
    target.mentioned.push_back(std::move(person));
  }
  return target;
}

// Discord shows a bot no list of its conversations: those are asked for that Linnet may know of, one by one.
Result<std::vector<ThreadSeen>> ActingDiscord::threads(const std::stop_token& stop) {
  std::vector<ThreadSeen> threads;
  if (!partners_) return threads;
  LINNET_TRY(const auto people, partners_());
  for (const auto& person : people) {
    const auto opened = direct_channel(person, stop);
    const auto channel = opened ? read_object("/channels/" + *opened, stop) : opened.error();
    if (!channel) {
      // Somebody who is gone, or let nobody in.
      const auto kind = channel.error().kind;
      if (kind == ErrorKind::not_found || kind == ErrorKind::denied || kind == ErrorKind::invalid) continue;
      return channel.error();
    }
    ThreadSeen thread;
    thread.id = *opened;
    thread.participant_id = person;
    thread.version = text_in(*channel, "last_message_id");
    const auto* const recipients = list_in(*channel, "recipients");
    if (recipients != nullptr && !recipients->empty() && recipients->front().is_object())
      thread.participant_name = text_in(recipients->front().as_object(), "username");
    if (!thread.version.empty()) threads.push_back(std::move(thread));
  }
  std::sort(threads.begin(), threads.end(), [](const ThreadSeen& one, const ThreadSeen& other) {
    return parse_snowflake(one.version).value_or(0) > parse_snowflake(other.version).value_or(0);
  });
  return threads;
}

Result<std::vector<MessageSeen>> ActingDiscord::messages(const ThreadSeen& thread,
                                                         const std::stop_token& stop) {
  LINNET_TRY(const auto page,
             rest_.ask({"GET", fmt::format("/channels/{}/messages?limit={}", thread.id, kPageSize)}, stop));
  std::vector<MessageSeen> messages;
  if (!page.is_array()) return messages;
  for (const auto& item : page.as_array())
    if (item.is_object()) messages.push_back(message_seen(item.as_object(), user_id_));
  std::reverse(messages.begin(), messages.end());
  return messages;
}

}  // namespace linnet::connect::discord
