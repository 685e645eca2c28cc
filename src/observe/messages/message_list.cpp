#include "observe/messages/message_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>

#include "store/record/json.hpp"

namespace linnet::observe {
namespace {

using store::Statement;
using store::Value;

constexpr std::string_view kMessageColumns =
    "m.id, m.server_id, m.channel_id, m.author_id, COALESCE(NULLIF(u.display_name, ''), u.username, ''), "
    "COALESCE(c.name, ''), m.content, m.created_at, m.edited_at, m.deleted_at, m.visibility_scope, "
    "m.reactions, "
    "m.ingested_at, m.reply_to_id, c.kind, m.has_media, m.has_links, m.version_seq";
constexpr std::string_view kMessageJoins =
    R"(messages m
       LEFT JOIN platform_users u ON u.instance_id = m.instance_id AND u.id = m.author_id
       LEFT JOIN channels c ON c.instance_id = m.instance_id AND c.id = m.channel_id)";
constexpr std::string_view kIsOpen =
    "EXISTS (SELECT 1 FROM open_channels o WHERE o.instance_id = m.instance_id AND o.id = m.channel_id)";

MessageView read_view(const Statement& row) {
  MessageView view;
  const auto text = [&](int column) { return std::string(row.text(column)); };
  view.id = text(0);
  view.server_id = text(1);
  view.channel_id = text(2);
  view.author_id = text(3);
  view.author_name = text(4);
  view.channel_name = text(5);
  view.content = row.maybe_text(6);
  view.created_at = row.instant(7);
  view.edited_at = row.maybe_instant(8);
  view.deleted_at = row.maybe_instant(9);
  view.visibility_scope = text(10);
  view.reactions = text(11);
  view.ingested_at = row.instant(12);
  view.reply_to_id = text(13);
  if (row.text(14) == "thread" || row.text(14) == "private_thread") view.thread_id = view.channel_id;
  view.has_media = row.integer(15) != 0;
  view.has_links = row.integer(16) != 0;
  view.versions = row.integer(17);
  return view;
}

// The only strings put into the SQL are numbers.
std::string among(const std::optional<std::vector<std::int64_t>>& rows) {
  if (!rows) return {};
  return rows->empty() ? std::string(" AND 1 = 0")
                       : fmt::format(" AND m.row_number IN ({})", fmt::join(*rows, ", "));
}

}  // namespace

Result<MessageList> list_chat_messages(store::Connection& connection, const MessageFilter& filter) {
  const auto condition = fmt::format(
      R"(m.deleted_at IS NULL AND m.is_of_system = 0 AND {}{}
         AND ($1 = '' OR m.server_id = $1) AND ($2 = '' OR m.channel_id = $2) AND ($3 = '' OR m.author_id = $3)
         AND m.created_at >= $4 AND m.created_at < $5{})",
      filter.restricted ? "NOT " : "", kIsOpen, among(filter.rows));
  const auto since = filter.since ? to_micros(*filter.since) : std::numeric_limits<std::int64_t>::min();
  const auto until = filter.until ? to_micros(*filter.until) : std::numeric_limits<std::int64_t>::max();
  MessageList list;
  list.offset = filter.offset;
  list.limit = filter.limit;
  const std::initializer_list<Value> of_condition{std::string_view(filter.server),
                                                  std::string_view(filter.channel),
                                                  std::string_view(filter.author), since, until};
  LINNET_TRY(
      const auto total,
      store::query_integer(connection, fmt::format("SELECT count(*) FROM messages m WHERE {}", condition),
                           of_condition));
  list.total = total.value_or(0);
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT {} FROM {} WHERE {} ORDER BY m.created_at DESC, m.id DESC LIMIT $6 OFFSET $7",
                  kMessageColumns, kMessageJoins, condition),
      {std::string_view(filter.server), std::string_view(filter.channel), std::string_view(filter.author),
       since, until, filter.limit, filter.offset},
      [&](const Statement& row) { list.messages.push_back(read_view(row)); }));
  return list;
}

Result<MessageView> find_chat_message(store::Connection& connection, std::string_view id, bool restricted) {
  std::optional<MessageView> found;
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT {} FROM {} WHERE m.id = $1 AND ($2 = 1 OR {}) ORDER BY m.instance_id LIMIT 1",
                  kMessageColumns, kMessageJoins, kIsOpen),
      {id, std::int64_t{restricted}}, [&](const Statement& row) { found = read_view(row); }));
  if (!found) return not_found("message: there is none of this id, or not everybody may see it");
  return std::move(*found);
}

Result<MessageFigures> message_figures(store::Connection& connection) {
  MessageFigures figures;
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format(R"(SELECT count(*), count(DISTINCT m.author_id), count(DISTINCT m.channel_id),
                       count(DISTINCT m.server_id), count(m.deleted_at), count(m.edited_at), min(m.created_at),
                       max(m.created_at)
                     FROM messages m WHERE {})",
                  kIsOpen),
      {}, [&](const Statement& row) {
        figures = {row.integer(0), row.integer(1), row.integer(2),       row.integer(3),
                   row.integer(4), row.integer(5), row.maybe_instant(6), row.maybe_instant(7)};
      }));
  return figures;
}

}  // namespace linnet::observe

namespace linnet::record {

using observe::MessageFigures;
using observe::MessageList;
using observe::MessageView;

template <>
const Entity& entity_of<MessageView>() {
  static const auto described = entity<MessageView>(
      {.name = "ChatMessage"},
      {field<&MessageView::id>("id").like("334385199974967042"),
       field<&MessageView::server_id>("server_id").like("80351110224678912"),
       field<&MessageView::channel_id>("channel_id").like("41771983423143937"),
       field<&MessageView::channel_name>("channel_name").or_null_in_json().like("general"),
       field<&MessageView::author_id>("author_id").like("53908232506183680"),
       field<&MessageView::author_name>("author_name").or_null_in_json().like("Ada"),
       field<&MessageView::content>("content").means("Null where it was emptied when it was deleted"),
       field<&MessageView::created_at>("created_at"), field<&MessageView::edited_at>("edited_at"),
       field<&MessageView::deleted_at>("deleted_at"),
       field<&MessageView::visibility_scope>("visibility_scope").one_of({"public", "dm"}),
       field<&MessageView::reactions>("reactions").json_object().means("How often each was given"),
       field<&MessageView::ingested_at>("ingested_at"),
       field<&MessageView::reply_to_id>("reply_to_id").or_null_in_json(),
       field<&MessageView::thread_id>("thread_id").or_null_in_json(),
       field<&MessageView::has_media>("has_media"), field<&MessageView::has_links>("has_links"),
       field<&MessageView::versions>("versions")});
  return described;
}
template <>
const Entity& entity_of<MessageList>() {
  static const auto described =
      entity<MessageList>({.name = "ChatMessages"},
                          {field<&MessageList::messages>("messages"), field<&MessageList::total>("total"),
                           field<&MessageList::offset>("offset"), field<&MessageList::limit>("limit")});
  return described;
}
template <>
const Entity& entity_of<MessageFigures>() {
  static const auto described = entity<MessageFigures>(
      {.name = "ChatMessageFigures"},
      {field<&MessageFigures::messages>("total_messages"), field<&MessageFigures::authors>("unique_authors"),
       field<&MessageFigures::channels>("unique_channels"), field<&MessageFigures::servers>("unique_servers"),
       field<&MessageFigures::deleted>("deleted_messages"), field<&MessageFigures::edited>("edited_messages"),
       field<&MessageFigures::oldest>("oldest_message"), field<&MessageFigures::newest>("newest_message")});
  return described;
}

}  // namespace linnet::record
