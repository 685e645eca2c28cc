// What deserves attention, and how it came to that.
#include "api/parameters.hpp"
#include "api/typed_routes.hpp"
#include "observe/salience/topic_list.hpp"

namespace linnet::api {
namespace {

Result<Page<salience::TopicBalance>> topics(const Call& call) {
  const Parameters given(call.request);
  salience::TopicFilter filter;
  filter.category = given.text("category");
  filter.server = given.text("server");
  filter.cursor = given.text("cursor");
  LINNET_TRY(filter.at, given.time("at"));
  LINNET_TRY(const auto limit, given.integer("limit", 50, 1, 1'000));
  filter.limit = static_cast<std::size_t>(limit);
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto page, salience::list_topics(*reader, filter));
  return Page<salience::TopicBalance>{std::move(page.items), std::move(page.next)};
}

Result<salience::TopicDetail> topic(const Call& call) {
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  return salience::find_topic(*reader, call.path[0]);
}

Result<Page<salience::LedgerEntry>> ledger(const Call& call) {
  const Parameters given(call.request);
  LINNET_TRY(const auto limit, given.integer("limit", 200, 1, 10'000));
  LINNET_TRY(auto reader, call.api.dependencies.database.reader());
  LINNET_TRY(auto entries, salience::ledger_of(*reader, call.path[0], limit));
  return Page<salience::LedgerEntry>{std::move(entries)};
}

}  // namespace

std::vector<Route> topic_routes() {
  using net::Method;
  return {
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/topics",
             "Topics by how much attention they deserve",
             {"category", "server", "at", "limit", "cursor"},
             {}},
            topics),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/topics/{topic}",
             "A topic, and what it shares with",
             {},
             {}},
            topic),
      typed({govern::Permission::read,
             Method::get,
             "/api/v1/topics/{topic}/ledger",
             "What a topic got and lost: the newest rows, oldest first",
             {"limit"},
             {}},
            ledger),
  };
}

}  // namespace linnet::api
