// Direct messages, by the chat service. It recognises no order that is repeated: what may have been sent is
// looked for among the account's own messages before it is sent again.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "connect/answer_table.hpp"
#include "connect/bluesky/acting_bluesky.hpp"
#include "connect/own_newest.hpp"

namespace linnet::connect::bluesky {
namespace {

namespace json = boost::json;
using model::ActionType;

constexpr int kMostConvoPages = 5;      // of 100 conversations
constexpr int kMostMessagePages = 2;    // of 100 messages; they are read every few minutes
constexpr int kMostPagesToSearch = 25;  // of 100 messages

const ChatMember* other_member(const ChatConvo& convo, const std::string& own_did) {
  const auto place = std::find_if(convo.members.begin(), convo.members.end(),
                                  [&](const ChatMember& member) { return member.did != own_did; });
  return place == convo.members.end() ? nullptr : &*place;
}

ThreadSeen thread_of(const ChatConvo& convo, const std::string& own_did) {
  ThreadSeen thread;
  thread.id = convo.id;
  thread.unread_count = convo.unread_count;
  thread.version = convo.rev;
  thread.is_group = convo.is_group;
  if (convo.is_group) {
    // A name with a space in it is nobody's handle.
    thread.participant_name = convo.group_name.empty()
                                  ? fmt::format("a group of {}", convo.members.size())
                                  : fmt::format("group «{}»", truncate_utf8(convo.group_name, 120));
  } else if (const auto* const other = other_member(convo, own_did)) {
    thread.participant_id = other->did;
    thread.participant_name = other->handle;
  }
  return thread;
}

std::optional<MessageSeen> seen(const ChatMessage& message, const std::string& own_did) {
  if (message.kind == ChatMessage::Kind::other) return {};
  MessageSeen seen;
  seen.id = message.id;
  seen.sender_id = message.sender;
  seen.is_from_us = message.sender == own_did;
  seen.text = message.text;
  seen.content_type = message.shows_post ? "link" : "text";
  seen.sent_at = message.sent_at;
  seen.is_deleted = message.kind == ChatMessage::Kind::deleted;
  return seen;
}

// The PDS says it of the account; the chat service's own word may mean the other.
bool says_ours_is_restricted(const net::HttpResponse& response) {
  const auto said = read_error(response);
  return is_restricted(said) && said.name != "AccountSuspended";
}

bool says_nothing(const net::HttpResponse& response) {
  return read_error(response).name.empty();
}

constexpr AnswerMeaning kChatAnswers[] = {
    {200, 200, OutcomeKind::done},
    {429, 429, OutcomeKind::not_sent},
    {408, 408, OutcomeKind::unknown},
    {401, 401, OutcomeKind::unknown, says_nothing},  // a proxy in between may answer so
    {400, 499, OutcomeKind::refused, says_ours_is_restricted, false, true},
    {400, 499, OutcomeKind::refused},
};

}  // namespace

// Rules know one person to ask about: what is written to a group reaches people whom nobody looked at.
Result<ChatConvo> ActingBluesky::convo_with_one(const std::string& id, const std::stop_token& stop) {
  LINNET_TRY(auto convo, chat_.convo(id, stop));
  if (convo.is_group)
    return invalid("thread_id: it is a group; Linnet reads groups, but writes to one person at a time");
  if (other_member(convo, session_.did()) == nullptr)
    return invalid("thread_id: nobody but the account is in this conversation");
  return convo;
}

Result<std::string> ActingBluesky::read_target_message(const Order& order, const std::stop_token& stop) {
  if (order.target_type == model::TargetType::dm_thread) {
    // To mark it as read, any conversation will do.
    LINNET_TRY(const auto convo, order.type == ActionType::dm_read ? chat_.convo(order.target_id, stop)
                                                                   : convo_with_one(order.target_id, stop));
    const auto* const other = convo.is_group ? nullptr : other_member(convo, session_.did());
    return other == nullptr ? std::string() : other->did;
  }
  if (!is_did(order.target_id)) return invalid("person_id: expected a DID such as did:plc:…");
  LINNET_TRY(const auto availability, chat_.availability(order.target_id, stop));
  if (!availability.can_chat) {
    return invalid(
        "they take no messages from this account: their settings do not allow it, or one of the two blocks "
        "the other");
  }
  return order.target_id;
}

Outcome ActingBluesky::send_message(const Order& order, const std::stop_token& stop) {
  if (!order.draft.media.empty()) return refused(invalid("media: messages on Bluesky take none"));
  if (order.draft.link)
    return refused(invalid("link: messages on Bluesky have no cards; write the address into the text"));
  const bool is_thread = order.target_type == model::TargetType::dm_thread;
  if (!is_thread && !is_did(order.target_id))
    return refused(invalid("person_id: expected a DID such as did:plc:…"));
  const auto convo =
      is_thread ? convo_with_one(order.target_id, stop) : chat_.convo_with(order.target_id, stop);
  if (!convo) return before_putting(convo.error());
  json::object message{{"text", order.draft.text}};
  auto facets = make_facets(order.draft.text, stop);
  if (!facets) return before_putting(facets.error());
  if (!facets->empty()) message["facets"] = std::move(*facets);
  auto embed = make_embed(order.draft, stop);
  if (!embed) return before_putting(embed.error());
  if (!embed->empty()) message["embed"] = std::move(*embed);
  auto outcome = outcome_of_chat(chat_.send(convo->id, std::move(message), stop));
  outcome.details["conversation"] = convo->id;
  return outcome;
}

Outcome ActingBluesky::outcome_of_chat(const Result<net::HttpResponse>& response) {
  if (!response) return outcome_of(response);
  auto outcome = meaning_of(*response, kChatAnswers, chat_.error_of(*response), clock_.now());
  if (outcome.kind != OutcomeKind::done) return outcome;
  const auto message = read_message(response->body);
  if (message) {
    outcome.platform_id = message->id;
  } else {
    outcome.kind = OutcomeKind::unknown;
    outcome.error = message.error();
  }
  return outcome;
}

Outcome ActingBluesky::mark_read(const Order& order, const std::stop_token& stop) {
  const auto response = chat_.mark_read(order.target_id, stop);
  if (!response || response->status != 200) return outcome_of_chat(response);
  Outcome outcome;
  if (const auto convo = read_convo(response->body); !convo || convo->id != order.target_id) {
    doubt(outcome, "the conversation is read");
    return outcome;
  }
  outcome.kind = OutcomeKind::done;
  outcome.platform_id = order.target_id;
  return outcome;
}

Result<Evidence> ActingBluesky::look_at_convo(const Order& order, const std::stop_token& stop) {
  LINNET_TRY(const auto convo, chat_.convo(order.target_id, stop));
  const auto shown = convo.unread_count == 0 ? Evidence::Shown::yes : Evidence::Shown::no;
  return Evidence{shown, 0.95, model::VerificationMethod::api_response, convo.id, "", {}, {}, {}};
}

Result<Evidence> ActingBluesky::look_for_message(const Order& order, const std::string& platform_id,
                                                 const std::stop_token& stop) {
  if (order.target_type == model::TargetType::dm_thread)
    return search_convo(order, order.target_id, platform_id, stop);
  LINNET_TRY(const auto availability, chat_.availability(order.target_id, stop));
  if (availability.convo) return search_convo(order, availability.convo->id, platform_id, stop);
  Evidence evidence;
  evidence.method = model::VerificationMethod::reload_verify;
  evidence.confidence = 0.9;
  // Without a conversation nothing was sent; one that may not be written to any more is not shown either.
  if (availability.can_chat) evidence.shown = Evidence::Shown::no;
  return evidence;
}

namespace {

// What one message says of an order; nullopt: nothing.
std::optional<Evidence::Shown> judge(const ChatMessage& message, const Order& order,
                                     const std::string& platform_id, const std::string& own_did) {
  using Shown = Evidence::Shown;
  if (!platform_id.empty()) {
    if (message.id != platform_id) return {};
    const bool is_same =
        message.kind == ChatMessage::Kind::text && trim(message.text) == trim(order.draft.text);
    return is_same ? Shown::yes : Shown::no;
  }
  if (message.sender != own_did) return {};
  // It may be this one, which somebody has deleted since: that is no reason to send it again.
  if (message.kind == ChatMessage::Kind::deleted) return Shown::cannot_tell;
  if (trim(message.text) != trim(order.draft.text)) return {};
  return Shown::yes;
}

}  // namespace

Result<Evidence> ActingBluesky::search_convo(const Order& order, const std::string& convo,
                                             const std::string& platform_id, const std::stop_token& stop) {
  using Shown = Evidence::Shown;
  Evidence evidence;
  evidence.method = model::VerificationMethod::reload_verify;
  evidence.confidence = 0.9;
  bool may_be_deleted = false;
  evidence.shown = Shown::no;
  const auto ask = [&](const std::string& cursor) -> Result<OwnPage<ChatMessage>> {
    LINNET_TRY(auto answer, chat_.messages(convo, cursor, stop));
    OwnPage<ChatMessage> page;
    page.server_time = answer.server_time;
    page.is_whole = answer.page.is_whole && answer.server_time.has_value();
    page.next = answer.page.cursor;
    for (auto& message : answer.page.messages)
      page.made.push_back({message.id, message.sent_at, std::move(message)});
    return page;
  };
  const auto look_at = [&](const ChatMessage& message) -> Result<bool> {
    const auto shown = judge(message, order, platform_id, session_.did());
    if (shown == Shown::cannot_tell) may_be_deleted = true;
    if (!shown || *shown == Shown::cannot_tell) return true;
    evidence.shown = *shown;
    if (*shown == Shown::yes) evidence.platform_id = message.id;
    return false;
  };
  LINNET_TRY(const auto walk,
             walk_own_newest<ChatMessage>(order.first_tried_at, kMostPagesToSearch, clock_, ask, look_at));
  const bool is_sure = walk.is_whole && !may_be_deleted;
  if (evidence.shown == Shown::no && !is_sure) evidence.shown = Shown::cannot_tell;
  evidence.details = {{"searched", walk.searched}};
  return evidence;
}

Result<std::vector<ThreadSeen>> ActingBluesky::threads(const std::stop_token& stop) {
  std::vector<ThreadSeen> threads;
  std::set<std::string> seen_ids;
  std::string cursor;
  for (int page = 0; page < kMostConvoPages; ++page) {
    const auto convos = chat_.convos(cursor, stop);
    if (!convos && chat_.lacks_right()) return Error::of(ErrorKind::denied, convos.error().safe);
    if (!convos) return convos.error();
    const auto known = threads.size();
    for (const auto& convo : convos->convos) {
      if (seen_ids.insert(convo.id).second) threads.push_back(thread_of(convo, session_.did()));
    }
    cursor = convos->cursor;
    if (cursor.empty() || threads.size() == known) break;
  }
  return threads;
}

Result<std::vector<MessageSeen>> ActingBluesky::messages(const ThreadSeen& thread,
                                                         const std::stop_token& stop) {
  std::vector<MessageSeen> newest_first;
  std::set<std::string> seen_ids;
  std::string cursor;
  for (int page = 0; page < kMostMessagePages; ++page) {
    LINNET_TRY(const auto messages, chat_.messages(thread.id, cursor, stop));
    for (const auto& message : messages.page.messages) {
      if (!seen_ids.insert(message.id).second) continue;
      if (auto one = seen(message, session_.did())) newest_first.push_back(std::move(*one));
    }
    cursor = messages.page.cursor;
    if (cursor.empty()) break;
  }
  std::reverse(newest_first.begin(), newest_first.end());
  return newest_first;
}

}  // namespace linnet::connect::bluesky
