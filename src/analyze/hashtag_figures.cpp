#include "analyze/hashtag_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "analyze/co_occurrence.hpp"
#include "base/json_names.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

using store::Statement;

// What a trend is computed from: one use of a hashtag by a post that still stands.
struct Uses {
  // `from` is excluded, `to` included, as all windows here.
  template <typename Visit>
  static Status visit(store::Connection& connection, const std::optional<InstanceId>& instance, Instant from,
                      Instant to, Visit visit) {
    // A post's row holds the names of its newest version's hashtags.
    const auto join = connection.engine() == store::Engine::sqlite ? "CROSS JOIN" : "JOIN";
    const auto sql = fmt::format(
        "SELECT p.hashtags, p.account_id, p.created_at FROM instances i {} posts p ON p.instance_id = i.id "
        "WHERE p.created_at > $1 AND p.created_at <= $2 AND p.deleted_at IS NULL AND p.hashtags IS NOT "
        "NULL{}",
        join, instance ? " AND i.id = $3" : "");
    LINNET_TRY(auto* statement, connection.prepare(sql));
    statement->bind(1, to_micros(from));
    statement->bind(2, to_micros(to));
    if (instance) statement->bind(3, instance->value());
    while (true) {
      LINNET_TRY(const bool has_row, statement->step());
      if (!has_row) return {};
      for (const auto& name : json_names(statement->text(0)))
        visit(name, statement->text(1), statement->instant(2));
    }
  }
};

struct Tally {
  std::int64_t recent = 0;
  std::int64_t before = 0;
  std::unordered_set<std::string> recent_accounts;
  Instant newest = Instant::min();
};

std::vector<TrendingTag> cut(std::vector<TrendingTag> tags, std::size_t limit) {
  if (tags.size() > limit) tags.resize(limit);
  return tags;
}

Result<std::vector<TrendingTag>> growth(store::Connection& connection, const TrendQuestion& ask) {
  std::unordered_map<std::string, Tally> tallies;
  const Instant recent_from = ask.at - ask.window;
  LINNET_CHECK(Uses::visit(connection, ask.instance, ask.at - std::max(ask.window, ask.baseline), ask.at,
                           [&](std::string_view tag, std::string_view account, Instant created) {
                             auto& tally = tallies[std::string(tag)];
                             if (created > recent_from) {
                               ++tally.recent;
                               tally.recent_accounts.emplace(account);
                             }
                             if (created > ask.at - ask.baseline && created <= recent_from) ++tally.before;
                           }));
  std::vector<TrendingTag> candidates;
  candidates.reserve(tallies.size());
  for (const auto& [name, tally] : tallies) {
    candidates.push_back(
        {name, tally.recent, tally.before, 0, static_cast<std::int64_t>(tally.recent_accounts.size())});
  }
  return cut(growing_tags(std::move(candidates), ask.min_posts), ask.limit);
}

Result<std::vector<TrendingTag>> spike(store::Connection& connection, const TrendQuestion& ask) {
  using std::chrono::hours;
  std::unordered_map<std::string, Tally> tallies;
  LINNET_CHECK(Uses::visit(connection, ask.instance, ask.at - hours(1), ask.at,
                           [&](std::string_view tag, std::string_view account, Instant created) {
                             auto& tally = tallies[std::string(tag)];
                             ++tally.recent;
                             tally.recent_accounts.emplace(account);
                             tally.newest = std::max(tally.newest, created);
                           }));
  LINNET_CHECK(Uses::visit(connection, ask.instance, ask.at - hours(25), ask.at - hours(24),
                           [&](std::string_view tag, std::string_view, Instant) {
                             const auto place = tallies.find(std::string(tag));
                             if (place != tallies.end()) ++place->second.before;
                           }));
  std::vector<SpikeCandidate> candidates;
  for (const auto& [name, tally] : tallies) {
    const double since = std::chrono::duration<double, std::ratio<3600>>(ask.at - tally.newest).count();
    candidates.push_back(
        {{name, tally.recent, tally.before, 0, static_cast<std::int64_t>(tally.recent_accounts.size())},
         since});
  }
  return cut(spiking_tags(std::move(candidates)), ask.limit);
}

// Distinct accounts per tag and window of equal length, the newest window 0.
Result<std::vector<TrendingTag>> burst(store::Connection& connection, const TrendQuestion& ask) {
  constexpr std::int64_t kPastWindows = 42;  // seven days of four hours
  struct Evidence {
    std::int64_t recent_posts = 0;
    std::unordered_set<std::string> recent, past;  // past: window and account together
  };
  std::unordered_map<std::string, Evidence> tags;
  std::unordered_set<std::string> all_recent, all_past;
  Instant oldest = ask.at;
  const Instant begin = ask.at - ask.window * (kPastWindows + 1);
  LINNET_CHECK(Uses::visit(connection, ask.instance, begin, ask.at,
                           [&](std::string_view tag, std::string_view account, Instant created) {
                             oldest = std::min(oldest, created);
                             const auto window = (ask.at - created) / ask.window;
                             auto& evidence = tags[std::string(tag)];
                             if (window == 0) {
                               ++evidence.recent_posts;
                               evidence.recent.emplace(account);
                               all_recent.emplace(account);
                             } else {
                               auto key = fmt::format("{} {}", window, account);
                               evidence.past.insert(key);
                               all_past.insert(std::move(key));
                             }
                           }));
  const double watched =
      std::chrono::duration<double>(ask.at - oldest) / std::chrono::duration<double>(ask.window) - 1;
  const double past_windows = std::max(0.0, watched);
  const double season = burst_season(static_cast<std::int64_t>(all_recent.size()),
                                     static_cast<std::int64_t>(all_past.size()), past_windows);
  std::vector<BurstCandidate> candidates;
  for (const auto& [name, evidence] : tags) {
    if (evidence.recent.empty()) continue;
    candidates.push_back({name,
                          evidence.recent_posts,
                          {static_cast<std::int64_t>(evidence.recent.size()),
                           static_cast<std::int64_t>(evidence.past.size()), past_windows, season}});
  }
  return cut(bursting_tags(candidates), ask.limit);
}

}  // namespace

Result<TrendMethod> parse_trend_method(std::string_view text) {
  if (text == "growth") return TrendMethod::growth;
  if (text == "spike") return TrendMethod::spike;
  if (text == "burst") return TrendMethod::burst;
  return invalid(fmt::format("method: expected growth, spike or burst, got \"{}\"", text.substr(0, 40)));
}

Result<std::vector<TrendingTag>> trending_hashtags(store::Connection& connection,
                                                   const TrendQuestion& question) {
  switch (question.method) {
    case TrendMethod::growth:
      return growth(connection, question);
    case TrendMethod::spike:
      return spike(connection, question);
    case TrendMethod::burst:
      return burst(connection, question);
  }
  return internal_error("trend method");
}

Result<HashtagHistory> hashtag_history(store::Connection& connection, const std::string& name, Instant at,
                                       int hours) {
  HashtagHistory history{fold_case(name), {}, {}, {}};
  bool found = false;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT min(first_seen_at), max(last_seen_at), count(*) FROM hashtags WHERE name = $1",
      {std::string_view(history.name)}, [&](const Statement& row) {
        history.first_seen_at = row.maybe_instant(0);
        history.last_seen_at = row.maybe_instant(1);
        found = row.integer(2) > 0;
      }));
  if (!found) return not_found(fmt::format("name: no post with #{} was seen", history.name));
  const Instant last = floor_hour(at);
  const Instant first = last - std::chrono::hours(hours - 1);
  for (Instant hour = first; hour <= last; hour += std::chrono::hours(1))
    history.hours.push_back({hour, 0, 0, 0});
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT s.hour_ts, sum(s.posts_using_tag), sum(s.unique_accounts_using_tag), sum(s.total_engagement) "
      "FROM hashtags h JOIN hashtag_hourly_stats s ON s.instance_id = h.instance_id AND s.hashtag_id = h.id "
      "WHERE h.name = $1 AND s.hour_ts >= $2 AND s.hour_ts <= $3 GROUP BY s.hour_ts",
      {std::string_view(history.name), to_micros(first), to_micros(last)}, [&](const Statement& row) {
        auto& hour =
            history.hours[static_cast<std::size_t>((row.instant(0) - first) / std::chrono::hours(1))];
        hour = {hour.hour, row.integer(1), row.integer(2), row.integer(3)};
      }));
  return history;
}

Result<std::vector<HashtagView>> list_hashtags(store::Connection& connection, const std::string& prefix,
                                               std::size_t limit) {
  std::vector<HashtagView> tags;
  const auto folded = fold_case(prefix);
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT h.name, i.base_url, (SELECT count(*) FROM post_hashtags t WHERE t.instance_id = h.instance_id "
      "AND "
      "t.hashtag_id = h.id), h.first_seen_at, h.last_seen_at FROM hashtags h JOIN instances i ON i.id = "
      "h.instance_id "
      "WHERE h.name >= $1 AND substr(h.name, 1, length($1)) = $1 ORDER BY h.last_seen_at DESC LIMIT $2",
      {std::string_view(folded), static_cast<std::int64_t>(limit)}, [&](const Statement& row) {
        tags.push_back({std::string(row.text(0)), std::string(row.text(1)), row.integer(2),
                        row.maybe_instant(3), row.maybe_instant(4)});
      }));
  return tags;
}

Result<std::vector<RelatedTag>> related_hashtags(store::Connection& connection, const std::string& name,
                                                 Instant at, Duration window, std::size_t limit) {
  const auto folded = fold_case(name);
  std::unordered_map<std::string, std::int64_t> numbers;
  std::vector<std::string> names;
  const auto number_of = [&](std::string_view tag) {
    const auto [place, is_new] =
        numbers.try_emplace(std::string(tag), static_cast<std::int64_t>(names.size()));
    if (is_new) names.emplace_back(tag);
    return place->second;
  };
  std::vector<TaggedPost> rows;
  LINNET_CHECK(store::for_each_row(connection,
                                   "SELECT row_number, hashtags FROM posts WHERE created_at > $1 AND "
                                   "created_at <= $2 AND deleted_at IS NULL "
                                   "AND hashtags IS NOT NULL ORDER BY row_number",
                                   {to_micros(at - window), to_micros(at)}, [&](const Statement& row) {
                                     for (const auto& tag : json_names(row.text(1)))
                                       rows.push_back({row.integer(0), number_of(tag)});
                                   }));
  LINNET_TRY(const auto posts,
             store::query_integer(connection,
                                  "SELECT count(*) FROM posts WHERE created_at > $1 AND created_at <= $2 "
                                  "AND deleted_at IS NULL",
                                  {to_micros(at - window), to_micros(at)}));
  std::vector<RelatedTag> related;
  const auto own = numbers.find(folded);
  if (own == numbers.end()) return related;
  for (const auto& pair : tags_beside(own->second, rows, posts.value_or(0))) {
    if (related.size() == limit) break;
    const auto other = pair.a == own->second ? pair.b : pair.a;
    related.push_back({names[static_cast<std::size_t>(other)], pair.count, pair.lift});
  }
  return related;
}

}  // namespace linnet::analyze
