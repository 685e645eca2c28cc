#include "analyze/hashtag_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "analyze/bursting_hashtags.hpp"
#include "base/hashtag_name.hpp"
#include "base/json_names.hpp"

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
        R"(SELECT p.hashtags, p.account_id, p.created_at, p.instance_id
           FROM instances i {} posts p ON p.instance_id = i.id
           WHERE p.created_at > $1 AND p.created_at <= $2 AND p.deleted_at IS NULL
             AND p.followers_only = 0 AND p.hashtags IS NOT NULL{})",
        join, instance ? " AND i.id = $3" : "");
    LINNET_TRY(auto* statement, connection.prepare(sql));
    statement->bind(1, to_micros(from));
    statement->bind(2, to_micros(to));
    if (instance) statement->bind(3, instance->value());
    while (true) {
      LINNET_TRY(const bool has_row, statement->step());
      if (!has_row) return {};
      // Two instances may have given one id to two accounts.
      const auto account = fmt::format("{} {}", statement->integer(3), statement->text(1));
      for (const auto& name : json_names(statement->text(0))) visit(name, account, statement->instant(2));
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

// When a hashtag `h` was used first, or last, in a post that everybody may see; null: never.
std::string end_of_public_posts(store::Engine engine, std::string_view order) {
  // The order of the tables is that of reading: SQLite takes the first it finds in the order of time.
  return fmt::format(
      R"((SELECT t.created_at FROM post_hashtags t {} posts p ON p.instance_id = t.instance_id
           AND p.id = t.post_id WHERE t.instance_id = h.instance_id AND t.hashtag_id = h.id
           AND p.followers_only = 0 ORDER BY t.created_at {} LIMIT 1))",
      engine == store::Engine::sqlite ? "CROSS JOIN" : "JOIN", order);
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
      return bursting_hashtags(connection, question);
  }
  return internal_error("trend method");
}

Result<HashtagHistory> hashtag_history(store::Connection& connection, const std::string& name, Instant at,
                                       int hours) {
  HashtagHistory history{hashtag_name(name), {}, {}, {}};
  // Mastodon keeps a word with accents without them.
  const auto names = hashtag_names(name);
  const std::string_view plain = names.back();
  LINNET_CHECK(store::for_each_row(
      connection,
      fmt::format("SELECT {}, {} FROM hashtags h WHERE h.name IN ($1, $2)",
                  end_of_public_posts(connection.engine(), "ASC"),
                  end_of_public_posts(connection.engine(), "DESC")),
      {std::string_view(history.name), plain}, [&](const Statement& row) {
        if (row.is_null(0)) return;
        history.first_seen_at = std::min(history.first_seen_at.value_or(row.instant(0)), row.instant(0));
        history.last_seen_at = std::max(history.last_seen_at.value_or(row.instant(1)), row.instant(1));
      }));
  if (!history.first_seen_at) return not_found(fmt::format("name: no post with #{} was seen", history.name));
  const Instant last = floor_hour(at);
  const Instant first = last - std::chrono::hours(hours - 1);
  for (Instant hour = first; hour <= last; hour += std::chrono::hours(1))
    history.hours.push_back({hour, 0, 0, 0});
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT s.hour_ts, sum(s.posts_using_tag), sum(s.unique_accounts_using_tag),
           sum(s.total_engagement) FROM hashtags h
         JOIN hashtag_hourly_stats s ON s.instance_id = h.instance_id AND s.hashtag_id = h.id
         WHERE h.name IN ($1, $4) AND s.hour_ts >= $2 AND s.hour_ts <= $3 GROUP BY s.hour_ts)",
      {std::string_view(history.name), to_micros(first), to_micros(last), plain}, [&](const Statement& row) {
        auto& hour =
            history.hours[static_cast<std::size_t>((row.instant(0) - first) / std::chrono::hours(1))];
        hour = {hour.hour, row.integer(1), row.integer(2), row.integer(3)};
      }));
  return history;
}

Result<std::vector<HashtagView>> list_hashtags(store::Connection& connection, const std::string& prefix,
                                               std::size_t limit) {
  std::vector<HashtagView> tags;
  const auto folded = hashtag_name(prefix);
  // The hours count what everybody may see: a hashtag that has none is not listed.
  const auto sql = fmt::format(
      R"(SELECT h.name, i.base_url, (SELECT sum(s.posts_using_tag) FROM hashtag_hourly_stats s
           WHERE s.instance_id = h.instance_id AND s.hashtag_id = h.id), {}, h.last_at
         FROM (SELECT h.id, h.instance_id, h.name, {} AS last_at FROM hashtags h WHERE h.name >= $1
           AND substr(h.name, 1, length($1)) = $1 AND EXISTS (SELECT 1 FROM hashtag_hourly_stats s
           WHERE s.instance_id = h.instance_id AND s.hashtag_id = h.id) ORDER BY last_at DESC, h.name,
           h.instance_id LIMIT $2) h
         JOIN instances i ON i.id = h.instance_id
         ORDER BY h.last_at DESC, h.name, h.instance_id)",
      end_of_public_posts(connection.engine(), "ASC"), end_of_public_posts(connection.engine(), "DESC"));
  LINNET_CHECK(
      store::for_each_row(connection, sql, {std::string_view(folded), static_cast<std::int64_t>(limit)},
                          [&](const Statement& row) {
                            tags.push_back({std::string(row.text(0)), std::string(row.text(1)),
                                            row.integer(2), row.maybe_instant(3), row.maybe_instant(4)});
                          }));
  return tags;
}

}  // namespace linnet::analyze
