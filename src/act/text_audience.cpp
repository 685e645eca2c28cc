#include "act/text_audience.hpp"

#include <fmt/format.h>

#include "base/html_text.hpp"
#include "base/json_members.hpp"
#include "base/person_name.hpp"
#include "connect/audience.hpp"
#include "connect/every_platform.hpp"
#include "model/address_lookup.hpp"
#include "net/url.hpp"

namespace linnet::act {
namespace {

Result<std::string> host_of(store::Connection& connection, InstanceId instance) {
  LINNET_TRY(const auto base, store::query_text(connection, "SELECT base_url FROM instances WHERE id = $1",
                                                {instance.value()}));
  const auto url = net::parse_url(base.value_or(""));
  return url ? url->host : std::string();
}

// What the instance shows of the person with that id.
Status look_up(store::Connection& connection, InstanceId instance, connect::Person& person) {
  return store::for_each_row(
      connection, "SELECT id, acct, bio FROM platform_users WHERE instance_id = $1 AND id = $2",
      {instance.value(), std::string_view(person.id)}, [&](const store::Statement& row) {
        person = {std::string(row.text(0)), std::string(row.text(1)), html_to_text(row.text(2))};
      });
}

// As the account's server writes a name: without the server, where that is its own.
Result<connect::Person> named(store::Connection& connection, InstanceId instance, const std::string& host,
                              const std::string& name) {
  const auto key = user_key(name);
  const bool is_at_home = !host.empty() && server_of(key) == host;
  connect::Person person{"", is_at_home ? std::string(local_name_of(key)) : name, ""};
  LINNET_TRY(const auto shown, model::accounts_shown_as(connection, instance, name));
  if (shown.empty()) return person;
  person.id = shown.front().id;
  LINNET_CHECK(look_up(connection, instance, person));
  return person;
}

Status add_mentioned(store::Connection& connection, const ActingAccount& account, const Attempt& attempt,
                     const PlatformView& platform, std::vector<Reached>& reached) {
  std::vector<connect::Person> people;
  const auto names = connect::mentioned_names(text_in(attempt.input, "text"));
  std::string host;
  if (!names.empty()) {
    LINNET_TRY(host, host_of(connection, account.instance));
  }
  for (const auto& name : names) {
    LINNET_TRY(auto person, named(connection, account.instance, host, name));
    people.push_back(std::move(person));
  }
  if (platform.target)
    people.insert(people.end(), platform.target->mentioned.begin(), platform.target->mentioned.end());
  for (auto& person : people) {
    const bool is_self = person.id.empty()
                             ? address_key(person.name, host) == address_key(account.username, host)
                             : person.id == account.platform_user_id;
    if (!is_self) reached.push_back({"somebody whom the text mentions", std::move(person), ""});
  }
  return {};
}

Status add_quoted(store::Connection& connection, const ActingAccount& account, const Attempt& attempt,
                  const PlatformView& platform, std::vector<Reached>& reached) {
  const auto post = text_in(attempt.input, "quotedId");
  if (post.empty()) return {};
  constexpr std::string_view kHow = "the author of the quoted post";
  connect::Person author;
  const auto& rules = connect::identity_of(account.view.platform);
  if (rules.author_in != nullptr) author.id = rules.author_in(post);
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT account_id FROM posts WHERE instance_id = $1 AND id = $2",
                                   {account.instance.value(), std::string_view(post)},
                                   [&](const store::Statement& row) { author.id = row.text(0); }));
  if (!author.id.empty()) LINNET_CHECK(look_up(connection, account.instance, author));
  if (author.id != account.platform_user_id) reached.push_back({std::string(kHow), std::move(author), post});
  if (platform.target && platform.target->quoted && platform.target->quoted->id != account.platform_user_id)
    reached.push_back({std::string(kHow), *platform.target->quoted, post});
  return {};
}

}  // namespace

Result<std::vector<Reached>> reached_by_text(store::Connection& connection, const ActingAccount& account,
                                             const Attempt& attempt, const PlatformView& platform) {
  std::vector<Reached> reached;
  if (!model::has_text(attempt.type)) return reached;
  LINNET_CHECK(add_mentioned(connection, account, attempt, platform, reached));
  LINNET_CHECK(add_quoted(connection, account, attempt, platform, reached));
  return reached;
}

}  // namespace linnet::act
