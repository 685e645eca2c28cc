// Conversations: who is in them, and what was written.
#include <fmt/format.h>

#include <set>

#include "base/html_text.hpp"
#include "base/log.hpp"
#include "connect/mastodon/acting_mastodon.hpp"
#include "net/link_header.hpp"
#include "net/url.hpp"

namespace linnet::connect::mastodon {
namespace {

namespace json = boost::json;

constexpr int kMostConversationPages = 5;  // of 40 conversations

MessageSeen message_of(const json::object& status, const std::string& own_id) {
  MessageSeen message;
  message.id = text_or_number_in(status, "id");
  if (const auto* const account = object_in(status, "account")) {
    message.sender_id = text_or_number_in(*account, "id");
    message.sender_name = text_or_number_in(*account, "acct");
  }
  message.is_from_us = message.sender_id == own_id;
  message.text = html_to_text(text_or_number_in(status, "content"));
  message.sent_at = parse_iso8601(text_or_number_in(status, "created_at"));
  if (const auto* const media = status.if_contains("media_attachments");
      media != nullptr && media->is_array() && !media->as_array().empty() &&
      media->as_array().front().is_object()) {
    const auto type = text_or_number_in(media->as_array().front().as_object(), "type");
    message.content_type = type == "video" || type == "gifv" ? "video" : "image";
  }
  return message;
}

std::vector<const json::object*> people_in(const json::object& conversation, const std::string& own_id) {
  std::vector<const json::object*> people;
  const auto* const accounts = conversation.if_contains("accounts");
  if (accounts == nullptr || !accounts->is_array()) return people;
  for (const auto& account : accounts->as_array()) {
    if (account.is_object() && text_or_number_in(account.as_object(), "id") != own_id)
      people.push_back(&account.as_object());
  }
  return people;
}

ThreadSeen thread_of(const json::object& conversation, const std::string& own_id) {
  ThreadSeen thread;
  thread.id = text_or_number_in(conversation, "id");
  thread.unread_count = acting::flag_in(conversation, "unread") ? 1 : 0;
  const auto people = people_in(conversation, own_id);
  if (people.size() == 1) {
    thread.participant_id = text_or_number_in(*people.front(), "id");
    thread.participant_name = text_or_number_in(*people.front(), "acct");
  } else if (people.size() > 1) {
    thread.is_group = true;
    // A name with a space in it is nobody's.
    thread.participant_name = fmt::format("a group of {}", people.size() + 1);
  }
  if (const auto* const last = object_in(conversation, "last_status")) {
    thread.messages.push_back(message_of(*last, own_id));
    thread.version =
        fmt::format("{} {}", text_or_number_in(*last, "id"), text_or_number_in(*last, "edited_at"));
  }
  return thread;
}

}  // namespace

Result<ActingMastodon::ThreadPage> ActingMastodon::thread_page(const std::string& path,
                                                               const std::stop_token& stop) {
  LINNET_TRY(const auto response, call({.path = path}, stop));
  if (response.status < 200 || response.status > 299) return api_error(response, options_.base_url, true);
  boost::system::error_code code;
  const auto list = json::parse(response.body, code);
  if (code || !list.is_array())
    return unavailable(fmt::format("{} sent no conversations", options_.base_url));
  ThreadPage page;
  for (const auto& item : list.as_array()) {
    if (!item.is_object()) continue;
    auto thread = thread_of(item.as_object(), user_id_);
    if (!thread.id.empty()) page.threads.push_back(std::move(thread));
  }
  const auto links = net::page_links(response);
  if (links.is_cut)
    log::warn("{}: the server shows no way to further conversations; those that are known stay",
              options_.base_url);
  const auto next = links.next.value_or("");
  if (next.starts_with(options_.base_url) && !page.threads.empty())
    page.next = next.substr(options_.base_url.size());
  return page;
}

Status ActingMastodon::read_threads(const std::stop_token& stop,
                                    const std::function<bool(ThreadSeen)>& wants_more) {
  std::string path = "/api/v1/conversations?limit=40";
  std::set<std::string> seen;  // a server may send the same page again
  for (int i = 0; i < kMostConversationPages && !path.empty(); ++i) {
    LINNET_TRY(auto page, thread_page(path, stop));
    bool brings_nothing = true;
    for (auto& thread : page.threads) {
      if (!seen.insert(thread.id).second) continue;
      brings_nothing = false;
      if (!wants_more(std::move(thread))) return {};
    }
    if (brings_nothing) return {};
    path = std::move(page.next);
  }
  return {};
}

Result<std::vector<ThreadSeen>> ActingMastodon::threads(const std::stop_token& stop) {
  std::vector<ThreadSeen> threads;
  LINNET_CHECK(read_threads(stop, [&](ThreadSeen thread) {
    threads.push_back(std::move(thread));
    return true;
  }));
  return threads;
}

Result<std::optional<ThreadSeen>> ActingMastodon::find_thread(const std::string& id,
                                                              const std::stop_token& stop) {
  std::optional<ThreadSeen> found;
  LINNET_CHECK(read_threads(stop, [&](ThreadSeen thread) {
    if (thread.id == id) found = std::move(thread);
    return !found;
  }));
  return found;
}

// Rules know one person to ask about, and Mastodon shows a message to those alone whom it names: what is
// written to a group reaches too few, or people whom nobody looked at.
Result<std::optional<ThreadSeen>> ActingMastodon::thread_with_one(const std::string& id,
                                                                  const std::stop_token& stop) {
  LINNET_TRY(auto thread, find_thread(id, stop));
  if (thread && thread->is_group)
    return invalid(
        "thread_id: it is a group of several people; Linnet reads groups, but writes to one person at a "
        "time");
  if (thread && thread->participant_id.empty())
    return invalid("thread_id: nobody but the account is in this conversation");
  return thread;
}

Result<std::string> ActingMastodon::recipient_of(const Order& order, const std::stop_token& stop) {
  if (order.type != model::ActionType::dm_send) return std::string();
  if (order.target_type == model::TargetType::user) return order.target_id;
  LINNET_TRY(const auto thread, find_thread(order.target_id, stop));
  return thread ? thread->participant_id : std::string();
}

Result<Evidence> ActingMastodon::look_at_conversation(const Order& order, const std::stop_token& stop) {
  LINNET_TRY(const auto thread, find_thread(order.target_id, stop));
  if (!thread) return Evidence{};
  const auto shown = thread->unread_count == 0 ? Evidence::Shown::yes : Evidence::Shown::no;
  return Evidence{shown, 0.95, model::VerificationMethod::api_response, thread->id, "", {}, {}, {}};
}

Result<std::vector<MessageSeen>> ActingMastodon::messages(const ThreadSeen& thread,
                                                          const std::stop_token& stop) {
  if (thread.messages.empty()) return not_found("there is nothing in this conversation any more");
  const auto& last = thread.messages.back();
  LINNET_TRY(const auto context, read("/api/v1/statuses/" + net::percent_encode(last.id) + "/context", stop));
  std::vector<MessageSeen> messages;
  if (const auto* const object = context.if_object()) {
    if (const auto* const above = object->if_contains("ancestors"); above != nullptr && above->is_array()) {
      for (const auto& status : above->as_array()) {
        if (status.is_object() && text_or_number_in(status.as_object(), "visibility") == "direct")
          messages.push_back(message_of(status.as_object(), user_id_));
      }
    }
  }
  messages.push_back(last);
  return messages;
}

}  // namespace linnet::connect::mastodon
