#include "analyze/domain_stats.hpp"

#include <map>
#include <tuple>

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
                               "ON CONFLICT (instance_id, hour_ts, domain) DO UPDATE SET "
                               "post_count = excluded.post_count, account_count = excluded.account_count, "
                               "total_engagement = excluded.total_engagement"};

using Key = std::tuple<std::int64_t, std::int64_t, std::string>;
using Figures = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
using Hours = std::map<Key, Figures>;

// An account without a domain is the instance's own: its domain is the host of the instance.
constexpr std::string_view kCount =
    "SELECT p.instance_id, p.created_at - ((p.created_at % 3600000000) + 3600000000) % 3600000000 AS "
    "hour_ts, "
    "coalesce(u.domain, replace(replace(i.base_url, 'https://', ''), 'http://', '')) AS domain, count(*), "
    "count(DISTINCT p.account_id), "
    "sum(p.engagement_score) FROM instances i JOIN posts p ON p.instance_id = i.id "
    "LEFT JOIN platform_users u ON u.instance_id = p.instance_id AND u.id = p.account_id "
    "WHERE p.created_at >= $1 AND p.created_at < $2 GROUP BY 1, 2, 3";

constexpr std::string_view kStored =
    "SELECT instance_id, hour_ts, domain, post_count, account_count, total_engagement FROM "
    "hourly_domain_stats "
    "WHERE hour_ts >= $1 AND hour_ts < $2";

Result<Hours> read_hours(store::Connection& connection, std::string_view sql, Instant from, Instant to) {
  Hours hours;
  LINNET_CHECK(
      store::for_each_row(connection, sql, {to_micros(from), to_micros(to)}, [&](const Statement& row) {
        hours.emplace(Key{row.integer(0), row.integer(1), std::string(row.text(2))},
                      Figures{row.integer(3), row.integer(4), row.integer(5)});
      }));
  return hours;
}

}  // namespace

Result<std::int64_t> refresh_domain_stats(store::Connection& reader, store::Writer& writer, Instant from,
                                          Instant to) {
  LINNET_TRY(const auto counted, read_hours(reader, kCount, from, to));
  LINNET_TRY(const auto stored, read_hours(reader, kStored, from, to));
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

Result<std::vector<DomainFigures>> busiest_domains(store::Connection& connection,
                                                   const std::optional<InstanceId>& instance, Instant from,
                                                   Instant to, std::int64_t limit) {
  std::vector<DomainFigures> domains;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT domain, sum(post_count), sum(account_count), sum(total_engagement) FROM hourly_domain_stats "
      "WHERE hour_ts >= $1 AND hour_ts < $2 AND (CAST($3 AS BIGINT) = 0 OR instance_id = $3) "
      "GROUP BY domain ORDER BY 2 DESC, 1 LIMIT $4",
      {to_micros(from), to_micros(to), instance ? instance->value() : 0, limit}, [&](const Statement& row) {
        domains.push_back({std::string(row.text(0)), row.integer(1), row.integer(2), row.integer(3)});
      }));
  return domains;
}

}  // namespace linnet::analyze
