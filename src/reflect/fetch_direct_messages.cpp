#include <algorithm>

#include "govern/consent.hpp"
#include "reflect/fetch.hpp"

namespace linnet::reflect {
namespace {

constexpr std::string_view kRedacted = "[REDACTED]";

struct SealedMessage {
  std::string id, sealed, platform, host;
  std::int64_t instance = 0;
  Instant at{};
};

// What the person wrote to Linnet's accounts; on a server of theirs, where ids count for one server alone.
Result<std::vector<SealedMessage>> sealed_messages_of(const FetchContext& context, std::string_view host,
                                                      std::string_view user, Instant since) {
  constexpr std::int64_t kMost = 500;
  std::vector<SealedMessage> found;
  LINNET_CHECK(store::for_each_row(
      context.connection,
      R"(SELECT m.id, m.content_encrypted, i.platform, i.base_url, i.id, COALESCE(m.sent_at, m.discovered_at)
         FROM dm_messages m
         JOIN dm_threads t ON t.id = m.thread_id
         JOIN accounts a ON a.id = t.account_id
         JOIN instances i ON i.id = a.instance_id
         WHERE m.sender_id = $1 AND m.is_from_us = 0 AND m.content_encrypted <> $2
           AND COALESCE(m.sent_at, m.discovered_at) >= $3 AND COALESCE(m.sent_at, m.discovered_at) < $4
         ORDER BY COALESCE(m.sent_at, m.discovered_at) DESC, m.id DESC LIMIT $5)",
      {user, kRedacted, to_micros(since), to_micros(context.until), kMost}, [&](const store::Statement& row) {
        auto address = std::string(row.text(3));
        if (const auto at = address.find("://"); at != std::string::npos) address.erase(0, at + 3);
        // Of an account the instance counts; what ids mean everywhere is asked of any.
        if (!host.empty() ? address != host : !govern::has_global_ids(row.text(2))) return;
        found.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                         address, row.integer(4), row.instant(5)});
      }));
  return found;
}

}  // namespace

Result<std::vector<Passage>> fetch_direct_messages(const FetchContext& context, const LayerNode& node) {
  std::vector<Passage> passages;
  const bool is_person = context.topic.category == salience::Category::user ||
                         context.topic.category == salience::Category::account;
  if (!is_person || context.box == nullptr || !may_be_seen(Scope::dm, context.most)) return passages;
  const bool is_account = context.topic.category == salience::Category::account;
  const auto& user = is_account ? context.topic.second : context.topic.first;
  const auto& host = is_account ? context.topic.first : std::string();
  const auto since = context.until - std::chrono::hours(node.whole("lookback_hours"));
  LINNET_TRY(const auto found, sealed_messages_of(context, host, user, since));
  for (const auto& message : found) {
    LINNET_TRY(const bool may_be_read,
               govern::may_read_messages(context.connection,
                                         govern::person_key(message.platform, message.host, user, ""),
                                         context.topic.server));
    if (!may_be_read) continue;
    auto text = context.box->unseal(message.sealed, message.id);
    if (!text) continue;  // damaged, or of another key: it says nothing
    Passage passage;
    passage.who = "them";
    passage.text = std::move(*text);
    passage.where = "direct message";
    passage.at = message.at;
    passage.sources.push_back(
        {SourceKind::dm, InstanceId(message.instance), message.id, user, Scope::dm, message.at});
    passages.push_back(std::move(passage));
  }
  std::ranges::reverse(passages);
  return passages;
}

}  // namespace linnet::reflect
