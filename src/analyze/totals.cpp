#include "analyze/totals.hpp"

#include <algorithm>
#include <chrono>

#include "store/record/sql.hpp"

namespace linnet::analyze {
namespace {

constexpr Duration kShortest = std::chrono::seconds(1);

constexpr std::pair<std::string_view, std::string_view> kTotals[] = {
    {"posts", "SELECT count(*) FROM posts"},
    {"accounts", "SELECT count(*) FROM platform_users"},
    {"hashtags", "SELECT count(*) FROM hashtags"},
    {"snapshots", "SELECT count(*) FROM post_metric_snapshots"},
    {"instances", "SELECT count(*) FROM instances"}};

Result<std::int64_t> greatest_row(store::Connection& connection) {
  LINNET_TRY(const auto row, store::query_integer(connection, "SELECT max(row_number) FROM posts"));
  return row.value_or(0);
}

Result<Totals::Counted> count_all(store::Connection& connection) {
  Totals::Counted counted;
  LINNET_TRY(counted.row, greatest_row(connection));
  for (const auto& [name, sql] : kTotals) {
    LINNET_TRY(const auto total, store::query_integer(connection, sql));
    counted.totals[name] = total.value_or(0);
  }
  return counted;
}

}  // namespace

Result<boost::json::object> Totals::read(store::Connection& connection, Instant now) {
  LINNET_TRY(const auto row, greatest_row(connection));
  {
    const std::scoped_lock lock(mutex_);
    const bool is_stale = counted_.totals.empty() || now >= next_ || row < counted_.row;
    if (!is_stale || (is_counting_ && !counted_.totals.empty())) return counted_on(row);
    is_counting_ = true;
  }
  // Whoever finds them stale counts; the others need not wait for it.
  const auto start = std::chrono::steady_clock::now();
  auto counted = count_all(connection);
  const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
  const std::scoped_lock lock(mutex_);
  is_counting_ = false;
  if (!counted) return counted.error();
  counted_ = std::move(counted).value();
  next_ = now + std::max(kShortest, 50 * took);
  return counted_.totals;
}

boost::json::object Totals::counted_on(std::int64_t row) const {
  auto totals = counted_.totals;
  totals["posts"] = totals.at("posts").as_int64() + row - counted_.row;
  return totals;
}

Result<std::vector<WatchedInstance>> watched_instances(store::Connection& connection) {
  return record::find_all<WatchedInstance>(connection, "1 = 1 ORDER BY id");
}

}  // namespace linnet::analyze

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::analyze::WatchedInstance>() {
  using linnet::analyze::WatchedInstance;
  static const Entity described =
      entity<WatchedInstance>({.name = "Instance", .table = "instances"},
                              {
                                  field<&WatchedInstance::id>("id").numbered(),
                                  field<&WatchedInstance::base_url>("base_url"),
                                  field<&WatchedInstance::platform>("platform"),
                                  field<&WatchedInstance::stream_type>("stream_type"),
                                  field<&WatchedInstance::created_at>("created_at"),
                                  field<&WatchedInstance::last_seen_at>("last_seen_at"),
                                  field<&WatchedInstance::posts>("posts").worked_out(
                                      "(SELECT count(*) FROM posts p WHERE p.instance_id = instances.id)"),
                              });
  return described;
}
