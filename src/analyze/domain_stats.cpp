#include "analyze/domain_stats.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/person_name.hpp"
#include "store/bulk.hpp"

namespace linnet::analyze {
namespace {

using store::ColumnType;
using store::Statement;

const std::vector<store::Column> kKey{
    {"instance_id", ColumnType::integer}, {"hour_ts", ColumnType::integer}, {"domain", ColumnType::text}};
const store::BulkDelete kDelete{"hourly_domain_stats", kKey};
const store::BulkInsert kWrite{"hourly_domain_stats",
                               {{"instance_id", ColumnType::integer},
                                {"hour_ts", ColumnType::integer},
                                {"domain", ColumnType::text},
                                {"post_count", ColumnType::integer},
                                {"account_count", ColumnType::integer},
                                {"total_engagement", ColumnType::integer}},
                               R"(ON CONFLICT (instance_id, hour_ts, domain) DO UPDATE SET
                                    post_count = excluded.post_count, account_count = excluded.account_count,
                                    total_engagement = excluded.total_engagement)"};

using Key = std::tuple<std::int64_t, std::int64_t, std::string>;
using Figures = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
using Hours = std::map<Key, Figures>;

// An account without a domain is the instance's own: its domain is the host of the instance.
constexpr std::string_view kCount =
    R"(SELECT p.instance_id, p.created_at - ((p.created_at % 3600000000) + 3600000000) % 3600000000 AS
         hour_ts, coalesce(u.domain, replace(replace(i.base_url, 'https://', ''), 'http://',
         '')) AS domain, count(*), count(DISTINCT p.account_id), sum(p.engagement_score)
       FROM instances i
       JOIN posts p ON p.instance_id = i.id
       LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id
       WHERE p.created_at >= $1 AND p.created_at < $2 AND p.followers_only = 0 GROUP BY 1, 2, 3)";

constexpr std::string_view kStored =
    R"(SELECT instance_id, hour_ts, domain, post_count, account_count, total_engagement
       FROM hourly_domain_stats
       WHERE hour_ts >= $1 AND hour_ts < $2)";

using Spelling = std::string (*)(std::string_view domain);

std::string as_written(std::string_view domain) {
  return std::string(domain);
}

// Domains that are one in `spelling` are added up.
Result<Hours> read_hours(store::Connection& connection, std::string_view sql, Spelling spelling, Instant from,
                         Instant to) {
  Hours hours;
  LINNET_CHECK(
      store::for_each_row(connection, sql, {to_micros(from), to_micros(to)}, [&](const Statement& row) {
        auto& [posts, accounts, engagement] =
            hours[Key{row.integer(0), row.integer(1), spelling(row.text(2))}];
        posts += row.integer(3);
        accounts += row.integer(4);
        engagement += row.integer(5);
      }));
  return hours;
}

}  // namespace

Result<std::int64_t> refresh_domain_stats(store::Connection& reader, store::Writer& writer, Instant from,
                                          Instant to) {
  LINNET_TRY(const auto counted, read_hours(reader, kCount, host_key, from, to));
  LINNET_TRY(const auto stored, read_hours(reader, kStored, as_written, from, to));
  store::RowBatch written(6);
  store::RowBatch gone(3);
  for (const auto& [key, figures] : counted) {
    const auto& [instance, hour, domain] = key;
    const auto place = stored.find(key);
    if (place != stored.end() && place->second == figures) continue;
    written.add_row(instance, hour, std::string_view(domain), std::get<0>(figures), std::get<1>(figures),
                    std::get<2>(figures));
  }
  for (const auto& [key, figures] : stored) {
    const auto& [instance, hour, domain] = key;
    if (!counted.contains(key)) gone.add_row(instance, hour, std::string_view(domain));
  }
  if (written.empty() && gone.empty()) return 0;
  LINNET_CHECK(writer.write([&](store::Connection& connection) -> Status {
    if (!gone.empty()) LINNET_CHECK(connection.delete_many(kDelete, gone));
    if (!written.empty()) LINNET_CHECK(connection.insert_many(kWrite, written));
    return {};
  }));
  return static_cast<std::int64_t>(written.size() + gone.size());
}

Result<std::int64_t> refresh_domain_stats_since(store::Connection& reader, store::Writer& writer, Instant now,
                                                std::chrono::hours back) {
  const auto end = floor_hour(now) + std::chrono::hours(1);
  return refresh_domain_stats(reader, writer, end - back, end);
}

Result<std::vector<DomainFigures>> busiest_domains(store::Connection& connection,
                                                   const std::optional<InstanceId>& instance, Instant from,
                                                   Instant to, std::int64_t limit) {
  // Hours that were counted long ago may hold a domain in several spellings.
  std::map<std::string, DomainFigures> found;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT domain, sum(post_count), sum(account_count), sum(total_engagement)
         FROM hourly_domain_stats
         WHERE hour_ts >= $1 AND hour_ts < $2 AND (CAST($3 AS BIGINT) = 0 OR instance_id = $3)
         GROUP BY domain)",
      {to_micros(from), to_micros(to), instance ? instance->value() : 0}, [&](const Statement& row) {
        auto domain = host_key(row.text(0));
        auto& figures = found[domain];
        figures.domain = std::move(domain);
        figures.posts += row.integer(1);
        figures.accounts += row.integer(2);
        figures.engagement += row.integer(3);
      }));
  std::vector<DomainFigures> domains;
  domains.reserve(found.size());
  for (auto& [domain, figures] : found) domains.push_back(std::move(figures));
  std::stable_sort(domains.begin(), domains.end(), [](const DomainFigures& one, const DomainFigures& other) {
    return one.posts > other.posts;
  });
  if (domains.size() > static_cast<std::size_t>(limit)) domains.resize(static_cast<std::size_t>(limit));
  return domains;
}

}  // namespace linnet::analyze
