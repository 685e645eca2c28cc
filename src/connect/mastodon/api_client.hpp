// Calls of a Mastodon server's REST API, as far as Linnet reads it. Blocking.
#pragma once

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "connect/mastodon/raw_status.hpp"
#include "connect/mastodon/stream_kind.hpp"
#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect::mastodon {

// Mastodon's own default, of an account and of a guest (docs.joinmastodon.org/api/rate-limits); for servers
// that say nothing of theirs.
inline constexpr Pace kUsualPace{300, std::chrono::minutes(5)};

struct ApiOptions {
  std::string base_url;  // as normalise_instance_url gives it
  std::string token;     // empty: as a guest
  Duration timeout = std::chrono::seconds{30};
  int attempts = 3;  // of one call while the server answers 429
};

struct VerifiedAccount {
  std::string id;
  std::string username;
  std::string display_name;
};

struct InstanceInfo {
  std::string title;
  std::string version;
  std::string streaming_url;  // "wss://streaming.example.social"; the instance's own where it names none
};

// Ids are exclusive bounds. `min_id` gives the page just above it, `since_id` the newest page.
struct PageQuery {
  std::optional<std::string> max_id;
  std::optional<std::string> min_id;
  std::optional<std::string> since_id;
  int limit = 40;
};

struct StatusPage {
  std::vector<RawStatus> statuses;         // newest first, as the server sent them
  std::optional<std::string> next_max_id;  // for the next older page; nullopt on the last
  std::size_t unreadable = 0;
};

struct AccountList {
  std::string id;
  std::string title;
};

struct AccountPage {
  std::vector<std::string> ids;
  std::optional<std::string> next_url;
  bool is_cut = false;  // there is more, and no way to it
};

enum class FollowSide { followers, following };

// Errors: `denied` (sign in again), `not_found`, `invalid`, `rate_limited`, `unavailable` (network, 5xx, an
// answer that is no JSON, a redirect to another host), `cancelled`; texts name the server and are safe to
// show. Thread-safe.
class ApiClient {
 public:
  // All outlive the client. `budget` is one for each server and account.
  ApiClient(net::HttpTransport& transport, RequestBudget& budget, ApiOptions options);

  [[nodiscard]] const std::string& base_url() const { return options_.base_url; }
  [[nodiscard]] const std::string& token() const { return options_.token; }
  [[nodiscard]] RequestBudget& budget() const { return budget_; }

  Result<VerifiedAccount> verify_credentials(const std::stop_token& stop);
  // Version 2, or 1 where the server has no other.
  Result<InstanceInfo> instance(const std::stop_token& stop);
  Result<StatusPage> timeline(const StreamKind& kind, const PageQuery& query, const std::stop_token& stop);
  Result<StatusPage> account_statuses(std::string_view account_id, const PageQuery& query,
                                      const std::stop_token& stop);
  Result<RawStatus> status(std::string_view id, Priority priority, const std::stop_token& stop);
  // The versions of an edited status, oldest first, as JSON.
  Result<std::string> status_history(std::string_view id, const std::stop_token& stop);
  Result<std::vector<AccountList>> lists(const std::stop_token& stop);
  Result<std::string> find_account_id(std::string_view acct, const std::stop_token& stop);
  Result<AccountPage> follows(FollowSide side, std::string_view account_id,
                              const std::optional<std::string>& page_url, const std::stop_token& stop);

  // Those of the statuses that the server still shows. Where it cannot give several at once this takes a call
  // for each, and it is remembered.
  struct Batch {
    std::vector<RawStatus> statuses;
    std::vector<std::string> missing;  // asked one by one: 404 or 410. Asked together: merely left out
    std::vector<std::string> gone;     // 410: the server says that it was deleted
    bool one_by_one = false;
  };
  Result<Batch> statuses(const std::vector<std::string>& ids, Priority priority, const std::stop_token& stop);
  // The same with a call for each.
  Result<Batch> statuses_one_by_one(const std::vector<std::string>& ids, Priority priority,
                                    const std::stop_token& stop);
  // Most ids in one call.
  [[nodiscard]] std::size_t batch_limit() const { return batch_limit_; }
  // To be called when answers to batches turn out to leave out statuses that are there.
  void distrust_batches() { batches_work_ = false; }

 private:
  Result<net::HttpResponse> get(const std::string& url, Priority priority, const std::stop_token& stop);
  Result<net::HttpResponse> get_json(const std::string& url, Priority priority, const std::stop_token& stop);
  Result<Batch> statuses_in_halves(const std::vector<std::string>& ids, Priority priority,
                                   const std::stop_token& stop);
  Result<StatusPage> status_page(const std::string& url, const std::stop_token& stop);
  [[nodiscard]] std::string url(std::string_view path, const net::QueryParameters& parameters = {}) const;

  net::HttpTransport& transport_;
  RequestBudget& budget_;
  ApiOptions options_;
  std::atomic<bool> batches_work_{true};
  std::atomic<std::size_t> batch_limit_{40};
};

// What an answer that is not a success means, in words for the user. For OAuth's calls as well.
Error api_error(const net::HttpResponse& response, std::string_view base_url, bool signed_in);
// An error of the transport, in the words above.
Error api_error(const Error& error, std::string_view base_url);

}  // namespace linnet::connect::mastodon
