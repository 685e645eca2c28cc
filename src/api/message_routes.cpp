// Direct messages, for those who may read them.
#include "act/messages.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;
using govern::Permission;

json::value time_or_null(const std::optional<Instant>& time) {
  return time ? json::value(to_iso8601(*time)) : json::value();
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

Answer threads(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", 50, 1, 200));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto all,
             act::list_threads(*reader, *call.api.dependencies.box, given.text("account"), limit));
  json::array items;
  for (const auto& thread : all) {
    items.push_back(
        json::object{{"id", thread.id},
                     {"platform", thread.platform},
                     {"platform_thread_id", thread.platform_thread_id},
                     {"account_id", thread.account_id},
                     {"participant_id", thread.participant_id},
                     {"server_id", thread.server_id.empty() ? json::value() : json::value(thread.server_id)},
                     {"participant_username", thread.participant_username},
                     {"last_message_at", time_or_null(thread.last_message_at)},
                     {"last_message_preview", thread.preview},
                     {"preview_error", text_or_null(thread.preview_error)},
                     {"unread_count", thread.unread_count},
                     {"is_archived", thread.is_archived},
                     {"has_consent", thread.has_consent}});
  }
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

Answer messages(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(const auto all, act::list_messages(*reader, *call.api.dependencies.box, call.path[0]));
  json::array items;
  for (const auto& message : all) {
    items.push_back(json::object{
        {"id", message.id},
        {"is_from_us", message.is_from_us},
        {"sender_id", message.sender_id.empty() ? json::value() : json::value(message.sender_id)},
        {"text", message.text_error.empty() ? json::value(message.text) : json::value()},
        {"text_error", text_or_null(message.text_error)},
        {"is_redacted", message.is_redacted},
        {"content_type", message.content_type},
        {"sent_at", time_or_null(message.sent_at)},
        {"read_at", time_or_null(message.read_at)}});
  }
  return json::object{{"items", std::move(items)}, {"next", nullptr}};
}

}  // namespace

std::vector<Route> message_routes() {
  using net::Method;
  return {
      {Permission::dm_read,
       Method::get,
       "/api/v1/threads",
       "Conversations, newest first",
       {"account", "limit"},
       threads,
       200,
       Freshness::live},
      {Permission::dm_read,
       Method::get,
       "/api/v1/threads/{id}/messages",
       "What was written, oldest first",
       {},
       messages,
       200,
       Freshness::live},
  };
}

}  // namespace linnet::api
