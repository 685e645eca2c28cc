#include "analyze/bursting_hashtags.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "base/json_names.hpp"

namespace linnet::analyze {
namespace {

using store::Statement;

constexpr std::int64_t kPastWindows = 42;  // seven days of four hours

struct Evidence {
  std::string name;
  std::int64_t recent_posts = 0, recent_accounts = 0, past_accounts = 0;
};

// Distinct accounts by hashtag and window of equal length, the newest window 0. Accounts of two instances are
// two, whatever their ids.
class AccountsByWindow {
 public:
  explicit AccountsByWindow(const TrendQuestion& ask) : ask_(ask), oldest_(ask.at) {}

  // Posts of one instance, in the order of their time.
  void add(std::string_view hashtags, std::string_view account, Instant created) {
    const auto window = (ask_.at - created) / ask_.window;
    if (window != window_) end_window();
    window_ = window;
    oldest_ = std::min(oldest_, created);
    // What differs by a hash of 64 bits differs; that two accounts of a window share one is next to
    // impossible.
    const std::uint64_t number = std::hash<std::string_view>{}(account);
    accounts_.push_back(number);
    for (const auto& name : json_names(hashtags)) uses_.emplace_back(number_of(name), number);
  }

  void end_window() {
    std::sort(uses_.begin(), uses_.end());
    for (const auto& [tag, count] : counted_tags()) {
      auto& evidence = tags_[tag];
      (window_ == 0 ? evidence.recent_accounts : evidence.past_accounts) += count;
    }
    if (window_ == 0) {
      for (const auto& use : uses_) ++tags_[use.first].recent_posts;
    }
    std::sort(accounts_.begin(), accounts_.end());
    const auto distinct = std::unique(accounts_.begin(), accounts_.end()) - accounts_.begin();
    (window_ == 0 ? recent_accounts_ : past_accounts_) += distinct;
    uses_.clear();
    accounts_.clear();
  }

  [[nodiscard]] std::vector<BurstCandidate> candidates() const {
    const double watched =
        std::chrono::duration<double>(ask_.at - oldest_) / std::chrono::duration<double>(ask_.window) - 1;
    const double past_windows = std::max(0.0, watched);
    const double season = burst_season(recent_accounts_, past_accounts_, past_windows);
    std::vector<BurstCandidate> candidates;
    for (const auto& tag : tags_) {
      if (tag.recent_accounts == 0) continue;
      candidates.push_back(
          {tag.name, tag.recent_posts, {tag.recent_accounts, tag.past_accounts, past_windows, season}});
    }
    return candidates;
  }

 private:
  std::uint32_t number_of(const std::string& name) {
    const auto [place, is_new] = numbers_.try_emplace(name, static_cast<std::uint32_t>(tags_.size()));
    if (is_new) tags_.push_back({name, 0, 0, 0});
    return place->second;
  }

  // Each tag of the sorted uses with its number of accounts.
  std::vector<std::pair<std::uint32_t, std::int64_t>> counted_tags() const {
    std::vector<std::pair<std::uint32_t, std::int64_t>> counted;
    for (std::size_t i = 0; i < uses_.size(); ++i) {
      if (i > 0 && uses_[i] == uses_[i - 1]) continue;
      if (counted.empty() || counted.back().first != uses_[i].first) counted.emplace_back(uses_[i].first, 0);
      ++counted.back().second;
    }
    return counted;
  }

  const TrendQuestion& ask_;
  Instant oldest_;
  std::int64_t window_ = 0;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> uses_;  // of the window: tag and account
  std::vector<std::uint64_t> accounts_;                        // of the window
  std::int64_t recent_accounts_ = 0, past_accounts_ = 0;
  std::vector<Evidence> tags_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

}  // namespace

Result<std::vector<TrendingTag>> bursting_hashtags(store::Connection& connection, const TrendQuestion& ask) {
  std::vector<std::int64_t> instances;
  LINNET_CHECK(store::for_each_row(connection, "SELECT id FROM instances ORDER BY id", {},
                                   [&](const Statement& row) { instances.push_back(row.integer(0)); }));
  AccountsByWindow windows(ask);
  const Instant begin = ask.at - ask.window * (kPastWindows + 1);
  for (const auto instance : instances) {
    if (ask.instance && ask.instance->value() != instance) continue;
    LINNET_CHECK(store::for_each_row(
        connection,
        R"(SELECT hashtags, account_id, created_at FROM posts
           WHERE instance_id = $1 AND created_at > $2 AND created_at <= $3 AND deleted_at IS NULL
             AND followers_only = 0 AND hashtags IS NOT NULL ORDER BY created_at)",
        {instance, to_micros(begin), to_micros(ask.at)},
        [&](const Statement& row) { windows.add(row.text(0), row.text(1), row.instant(2)); }));
    windows.end_window();
  }
  auto tags = bursting_tags(windows.candidates());
  if (tags.size() > ask.limit) tags.resize(ask.limit);
  return tags;
}

}  // namespace linnet::analyze
