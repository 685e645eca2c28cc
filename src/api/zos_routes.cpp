// What programs for Zos ask of its introspection API: messages, and what deserves attention.
#include "analyze/message_search.hpp"
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"
#include "observe/messages/message_list.hpp"
#include "observe/salience/topic_groups.hpp"

namespace linnet::api {
namespace {

Result<observe::MessageFilter> message_filter(const Call& call) {
  const Parameters given(call.request);
  observe::MessageFilter filter;
  filter.server = given.text("server_id");
  filter.channel = given.text("channel_id");
  filter.author = given.text("author_id");
  LINNET_TRY(filter.since, given.time("since"));
  LINNET_TRY(filter.until, given.time("until"));
  LINNET_TRY(filter.restricted, given.flag("restricted"));
  LINNET_TRY(filter.offset, given.integer("offset", 0, 0, 10'000'000));
  LINNET_TRY(filter.limit, given.integer("limit", 20, 1, 100));
  return filter;
}

Result<observe::MessageList> messages(const Call& call) {
  LINNET_TRY(const auto filter, message_filter(call));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return observe::list_chat_messages(*reader, filter);
}

Result<observe::MessageList> search_messages(const Call& call) {
  LINNET_TRY(auto filter, message_filter(call));
  const auto words = Parameters(call.request).text("q");
  if (words.size() < 2) return invalid("q: expected at least two letters to look for");
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  constexpr std::int64_t kMostFound = 10'000;
  LINNET_TRY(filter.rows, analyze::find_messages(*reader, words, kMostFound));
  return observe::list_chat_messages(*reader, filter);
}

Result<observe::MessageFigures> message_stats(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return observe::message_figures(*reader);
}

Result<observe::MessageView> message(const Call& call) {
  LINNET_TRY(const auto restricted, Parameters(call.request).flag("restricted"));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return observe::find_chat_message(*reader, call.path[0], restricted);
}

Result<salience::SalienceList> salience_list(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", 50, 1, 200));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return salience::list_group(*reader, given.text("group"), limit);
}

Result<std::vector<salience::GroupFigures>> groups(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return salience::figures_of_groups(*reader);
}

Result<salience::TopicSalience> topic_salience(const Call& call) {
  LINNET_TRY(const auto limit, Parameters(call.request).integer("transaction_limit", 20, 1, 1'000));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return salience::salience_of(*reader, call.path[0], limit);
}

}  // namespace

std::vector<Route> zos_routes() {
  using govern::Permission;
  using net::Method;
  const std::vector<std::string_view> of_messages{"channel_id", "author_id", "server_id", "since",
                                                  "until",      "offset",    "limit",     "restricted"};
  auto of_search = of_messages;
  of_search.emplace_back("q");
  return {
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/messages",
             "Messages of servers with channels, the newest first",
             of_messages,
             {}},
            messages),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/messages/search",
             "Messages in which words stand",
             of_search,
             {}},
            search_messages),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/messages/stats",
             "How many messages there are",
             {},
             {}},
            message_stats),
      typed({Permission::read, Method::get, "/api/v1/zos/messages/{id}", "One message", {"restricted"}, {}},
            message),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/salience",
             "Topics by salience",
             {"group", "limit"},
             {}},
            salience_list),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/salience/groups",
             "Groups of topics, and what each may spend",
             {},
             {}},
            groups),
      typed({Permission::read,
             Method::get,
             "/api/v1/zos/salience/{topic_key}",
             "A topic's balance, and what changed it last",
             {"transaction_limit"},
             {}},
            topic_salience),
  };
}

}  // namespace linnet::api
