#include "observe/salience/erase_topics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace linnet::observe {
namespace {

Status remove_topics(store::Connection& connection, const std::vector<std::int64_t>& topics) {
  const auto those = fmt::format("({})", fmt::join(topics, ", "));
  for (const auto* const owner : {"first_owner", "second_owner", "third_owner"})
    LINNET_CHECK(
        connection.execute(fmt::format("UPDATE topics SET {0} = NULL WHERE {0} IN {1}", owner, those)));
  for (const auto* const table : {"salience_pages", "topic_balances"})
    LINNET_CHECK(connection.execute(fmt::format("DELETE FROM {} WHERE topic_id IN {}", table, those)));
  return connection.execute(fmt::format("DELETE FROM topics WHERE id IN {}", those));
}

Result<std::int64_t> forget_some_topics(store::Connection& connection, const PersonAccount& account,
                                        std::int64_t most, ErasedPosts& /*gone*/) {
  LINNET_TRY(const auto person, topics_of_person(connection, account));
  LINNET_TRY(auto topics, find_topics_of(connection, person));
  if (topics.empty()) return 0;
  topics.resize(std::min(topics.size(), static_cast<std::size_t>(most)));
  LINNET_CHECK(remove_topics(connection, topics));
  return static_cast<std::int64_t>(topics.size());
}

// While their messages and posts are still there, which are what the reasons name.
Result<std::int64_t> forget_reasons(store::Connection& connection, const PersonAccount& account,
                                    std::int64_t /*most*/, ErasedPosts& /*gone*/) {
  LINNET_CHECK(
      store::run(connection,
                 "UPDATE salience_causes SET reason = NULL WHERE reason IN (SELECT id FROM messages "
                 "WHERE author_id = $2 AND instance_id = $1) OR reason IN (SELECT id FROM posts WHERE "
                 "instance_id = $1 AND account_id = $2)",
                 {account.instance.value(), std::string_view(account.id)}));
  return connection.changes();
}

constexpr ForgetSome kForgetTopics[] = {forget_some_topics, forget_reasons};

}  // namespace

bool TopicsOfPerson::names(const salience::TopicKey& key) const {
  if (key.category == salience::Category::account) return key.first == host && key.second == id;
  if (!is_of_servers) return false;
  const auto people = salience::people_in(key);
  return std::find(people.begin(), people.end(), id) != people.end();
}

Result<TopicsOfPerson> topics_of_person(store::Connection& connection, const PersonAccount& account) {
  TopicsOfPerson person{account.id, {}, false};
  LINNET_TRY(const auto base_url,
             store::query_text(connection, "SELECT base_url FROM instances WHERE id = $1",
                               {account.instance.value()}));
  std::string_view host = base_url ? std::string_view(*base_url) : std::string_view();
  if (const auto scheme = host.find("://"); scheme != std::string_view::npos) host.remove_prefix(scheme + 3);
  person.host = host.substr(0, host.find('/'));
  LINNET_TRY(const auto servers,
             store::query_integer(connection,
                                  "SELECT 1 FROM servers WHERE instance_id = $1 UNION ALL "
                                  "SELECT 1 FROM messages WHERE instance_id = $1 LIMIT 1",
                                  {account.instance.value()}));
  person.is_of_servers = servers.has_value();
  return person;
}

Result<std::vector<std::int64_t>> find_topics_of(store::Connection& connection,
                                                 const TopicsOfPerson& person) {
  std::string pattern = "%:" + person.id + "%";
  std::replace(pattern.begin(), pattern.end(), '\\', '_');
  std::vector<std::int64_t> topics;
  LINNET_CHECK(store::for_each_row(connection, "SELECT id, key FROM topics WHERE key LIKE $1",
                                   {std::string_view(pattern)}, [&](const store::Statement& row) {
                                     const auto key = salience::parse_topic_key(row.text(1));
                                     if (key && person.names(*key)) topics.push_back(row.integer(0));
                                   }));
  return topics;
}

// Their number says nothing that the posts and messages do not say.
Status count_topics(store::Connection& /*connection*/, const PersonAccount& /*account*/,
                    ObservedErasure& /*found*/) {
  return {};
}

std::span<const ForgetSome> forget_steps_of_topics() {
  return kForgetTopics;
}

Status forget_topics(store::Connection& connection, const PersonAccount& account) {
  LINNET_TRY(const auto person, topics_of_person(connection, account));
  if (!person.is_of_servers) return {};
  return store::run(connection, "DELETE FROM salience_holders WHERE user_id = $1",
                    {std::string_view(account.id)});
}

}  // namespace linnet::observe
