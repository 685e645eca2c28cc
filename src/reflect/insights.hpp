// Insights as they are kept. Every read of them, by whoever, goes through the functions here, and each of
// those takes the widest privacy that may be seen where they go: reflect/scope.hpp is the rule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reflect/insight.hpp"
#include "store/connection.hpp"

namespace linnet::reflect {

struct InsightFilter {
  std::string topic_key = {};  // empty: of any topic
  std::vector<std::string> categories = {};
  std::string run_id = {};
  std::string query = {};           // words that stand in it
  std::optional<Scope> scope = {};  // of this one alone
  std::optional<Instant> since = {}, until = {};
  bool with_superseded = false;
  bool with_withdrawn = false;  // by people, or because of their sources: what is left of them
  std::string before_id = {};   // for the next page
  std::int64_t limit = 50;
};
// Newest first; what has expired by `now` is not there.
Result<std::vector<Insight>> list_insights(store::Connection& connection, Scope most,
                                           const InsightFilter& filter, Instant now);
// Also what was superseded or withdrawn. nullopt where there is none that may be seen: whoever may not see
// one is not told that it is there.
Result<std::optional<Insight>> find_insight(store::Connection& connection, Scope most, const std::string& id,
                                            Instant now);
// It, what it supersedes, what that superseded, and so on; those that may be seen.
Result<std::vector<Insight>> chain_of(store::Connection& connection, Scope most, const Insight& insight,
                                      Instant now);
// Of topics of this category ("hashtag"), the newest of each first.
Result<std::vector<Insight>> list_insights_of_category(store::Connection& connection, Scope most,
                                                       std::string_view topic_category, std::int64_t limit,
                                                       Instant now);

struct TopicInsights {
  std::int64_t count = 0;         // in force
  std::optional<Instant> newest;  // when it was reflected on last
};
// How much was understood of each topic by this layer's category; counts, no words. Keys without any are
// absent.
Result<std::vector<std::pair<std::string, TopicInsights>>> count_by_topic(store::Connection& connection,
                                                                          std::string_view category,
                                                                          Instant now);

// Of what it was made; ids alone.
Result<std::vector<Source>> sources_of(store::Connection& connection, const std::string& insight_id);

// Within the caller's transaction. Gives it its id; `supersedes` names one that is superseded by it from now
// on. The sources' scopes settle its own.
Result<Insight> store_insight(store::Connection& connection, Insight insight,
                              const std::vector<Source>& sources, Instant now);

// Those whose time has passed go, but for pinned ones; of what they were made is kept while something was
// made of them. Returns how many went.
Result<std::int64_t> remove_expired(store::Connection& connection, Instant now);

}  // namespace linnet::reflect
