#include "api/totals.hpp"

#include <algorithm>
#include <chrono>

namespace linnet::api {
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

}  // namespace

Status Totals::count(store::Connection& connection) {
  LINNET_TRY(row_, greatest_row(connection));
  for (const auto& [name, sql] : kTotals) {
    LINNET_TRY(const auto total, store::query_integer(connection, sql));
    counted_[name] = total.value_or(0);
  }
  return {};
}

Result<boost::json::object> Totals::read(store::Connection& connection, Instant now) {
  const std::scoped_lock lock(mutex_);
  LINNET_TRY(const auto row, greatest_row(connection));
  if (counted_.empty() || now >= next_ || row < row_) {
    const auto start = std::chrono::steady_clock::now();
    LINNET_CHECK(count(connection));
    const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
    next_ = now + std::max(kShortest, 50 * took);
    return counted_;
  }
  auto totals = counted_;
  totals["posts"] = counted_.at("posts").as_int64() + row - row_;
  return totals;
}

}  // namespace linnet::api
