#include <fmt/format.h>

#include <algorithm>

#include "reflect/fetch.hpp"
#include "reflect/query.hpp"

namespace linnet::reflect {
namespace {

using salience::Category;
using std::chrono::hours;

constexpr std::size_t kMostMessages = 2'000;

// Every member sees it, or it is for those who may see what not every member does.
constexpr std::string_view kMessageScope =
    "CASE WHEN EXISTS (SELECT 1 FROM open_channels o WHERE o.instance_id = m.instance_id AND o.id = "
    "m.channel_id) "
    "THEN 'public' ELSE 'derived' END";
constexpr std::string_view kReadable =
    "m.deleted_at IS NULL AND m.content IS NOT NULL AND m.content <> '' AND m.is_of_system = 0 "
    "AND m.visibility_scope = 'public'";

// Which messages a topic is about: what stands behind WHERE.
class MessageChoice {
 public:
  explicit MessageChoice(const FetchContext& context)
      : context_(context),
        subject_(fmt::format("%{}%", with_spaces(context.topic.first))),
        role_(fmt::format("%\"{}\"%", context.topic.first)) {}

  // False where the topic is about no messages.
  bool add_to(Query& query) const {
    const auto& topic = context_.topic;
    if (!topic.server.empty()) query.add("AND m.server_id = {}", std::string_view(topic.server));
    const std::string_view first = topic.first;
    const std::string_view second = topic.second;
    switch (topic.category) {
      case Category::user:
        query.add("AND m.author_id = {}", first);
        return true;
      case Category::dyad:
        query.add("AND (m.author_id = {}", first).add("OR m.author_id = {})", second);
        return true;
      case Category::channel:
      case Category::thread:
        query.add("AND m.channel_id = {}", first);
        return true;
      case Category::user_in_channel:
        query.add("AND m.channel_id = {}", first).add("AND m.author_id = {}", second);
        return true;
      case Category::subject:
        query.add("AND lower(m.content) LIKE {}", std::string_view(subject_));
        return true;
      case Category::role:
        query.add(
            R"(AND EXISTS (SELECT 1 FROM server_members holder WHERE holder.instance_id = m.instance_id
                 AND holder.server_id = m.server_id AND holder.user_id = m.author_id AND holder.role_ids LIKE {}))",
            std::string_view(role_));
        return true;
      case Category::emoji:
        query.add(
            R"(AND EXISTS (SELECT 1 FROM message_reactions r WHERE r.instance_id = m.instance_id
                 AND r.message_id = m.id AND r.removed_at IS NULL
                 AND r.emoji = {}))",
            first);
        return true;
      case Category::self:
        return true;
      case Category::hashtag:
      case Category::account:
        return false;
    }
    return false;
  }
  // Whether those around are read as well: what somebody says is understood by what it answers.
  [[nodiscard]] bool is_about_people() const {
    return context_.topic.category == Category::user || context_.topic.category == Category::dyad;
  }

 private:
  static std::string with_spaces(std::string name) {
    std::ranges::replace(name, '_', ' ');
    return name;
  }
  const FetchContext& context_;
  const std::string subject_;
  const std::string role_;
};

struct ChannelKey {
  std::int64_t instance = 0;
  std::string id;
};

// The busiest first.
Result<std::vector<ChannelKey>> channels_of(const FetchContext& context, const MessageChoice& choice,
                                            Instant since, std::int64_t most) {
  std::vector<ChannelKey> channels;
  Query query("SELECT m.instance_id, m.channel_id, COUNT(*) AS said FROM messages m WHERE");
  query.add(kReadable);
  query.add("AND m.created_at >= {}", to_micros(since))
      .add("AND m.created_at < {}", to_micros(context.until));
  if (!choice.add_to(query)) return channels;
  query.add("GROUP BY m.instance_id, m.channel_id ORDER BY said DESC, m.channel_id LIMIT {}", most);
  LINNET_CHECK(query.for_each(context.connection, [&](const store::Statement& row) {
    channels.push_back({row.integer(0), std::string(row.text(1))});
  }));
  return channels;
}

bool is_known_by_name(const FetchContext& context, std::string_view server, bool holds_role) {
  return context.gated_servers == nullptr || !context.gated_servers->contains(server) || holds_role;
}

Status read_channel(const FetchContext& context, const MessageChoice& choice, const ChannelKey& channel,
                    Instant since, std::int64_t most, std::vector<Passage>& into) {
  Query query(
      R"(SELECT m.id, m.author_id, m.content, m.created_at, m.server_id, COALESCE(c.name, ''),
           COALESCE(s.nick, u.display_name, u.acct, m.author_id),
           CASE WHEN EXISTS (SELECT 1 FROM salience_holders h WHERE h.server_id = m.server_id
             AND h.user_id = m.author_id) THEN 1 ELSE 0 END,)");
  query.add(kMessageScope);
  query.add(
      R"(FROM messages m
         LEFT JOIN channels c ON c.instance_id = m.instance_id AND c.id = m.channel_id
         LEFT JOIN server_members s ON s.instance_id = m.instance_id AND s.server_id = m.server_id
           AND s.user_id = m.author_id
         LEFT JOIN platform_users u ON u.instance_id = m.instance_id AND u.id = m.author_id
         WHERE m.instance_id = {})",
      channel.instance);
  query.add("AND m.channel_id = {} AND", std::string_view(channel.id)).add(kReadable);
  query.add("AND m.created_at >= {}", to_micros(since))
      .add("AND m.created_at < {}", to_micros(context.until));
  if (!choice.is_about_people()) choice.add_to(query);
  query.add("ORDER BY m.created_at DESC, m.id DESC LIMIT {}", most);
  return query.for_each(context.connection, [&](const store::Statement& row) {
    const auto scope = parse_scope(row.text(8)).value_or(Scope::derived);
    if (!may_be_seen(scope, context.most) || into.size() >= kMostMessages) return;
    const bool is_known = is_known_by_name(context, row.text(4), row.integer(7) != 0);
    Passage passage;
    passage.who = is_known ? std::string(row.text(6)) : "<chat>";
    passage.text = row.text(2);
    passage.where = row.text(5);
    passage.at = row.instant(3);
    passage.sources.push_back({SourceKind::message, InstanceId(channel.instance), std::string(row.text(0)),
                               std::string(row.text(1)), scope, passage.at});
    into.push_back(std::move(passage));
  });
}

}  // namespace

Result<std::vector<Passage>> fetch_messages(const FetchContext& context, const LayerNode& node) {
  const auto since = context.until - hours(node.whole("lookback_hours"));
  const MessageChoice choice(context);
  LINNET_TRY(const auto channels, channels_of(context, choice, since, node.whole("max_channels")));
  std::vector<Passage> passages;
  for (const auto& channel : channels)
    LINNET_CHECK(read_channel(context, choice, channel, since, node.whole("limit_per_channel"), passages));
  std::ranges::stable_sort(passages, {}, &Passage::at);
  return passages;
}

}  // namespace linnet::reflect
