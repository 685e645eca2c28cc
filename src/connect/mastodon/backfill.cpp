#include "connect/mastodon/backfill.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/hash.hpp"
#include "base/log.hpp"
#include "connect/event_line.hpp"

namespace linnet::connect::mastodon {
namespace {

Result<StatusPage> read_page(ApiClient& api, const BackfillRequest& request, const PageQuery& query,
                             const std::stop_token& stop) {
  if (const auto* kind = std::get_if<StreamKind>(&request.of)) return api.timeline(*kind, query, stop);
  return api.account_statuses(std::get<AccountHistory>(request.of).account_id, query, stop);
}

// Only what may pass is tried again.
Result<StatusPage> read_page_patiently(ApiClient& api, Clock& clock, const std::function<double()>& random,
                                       const BackfillRequest& request, const PageQuery& query,
                                       const std::stop_token& stop) {
  net::Backoff backoff(request.backoff, random);
  while (true) {
    auto page = read_page(api, request, query, stop);
    if (page) return page;
    const auto& error = page.error();
    const bool may_pass = error.kind == ErrorKind::unavailable || error.kind == ErrorKind::rate_limited;
    if (!may_pass || backoff.failures() + 1 >= request.attempts) return page;
    log::warn("backfill: {}", error.message);
    if (!clock.sleep_for(backoff.on_failure(clock.now()), stop)) {
      return Error::of(ErrorKind::cancelled, "stopped");
    }
  }
}

}  // namespace

Result<BackfillProgress> backfill(ApiClient& api, EventSink& sink, Clock& clock,
                                  const std::function<double()>& random, const BackfillRequest& request,
                                  const std::function<void(const BackfillProgress&)>& on_progress,
                                  const std::stop_token& stop) {
  BackfillProgress progress;
  if (request.resume == kBackfillDone) {
    progress.is_done = true;
    return progress;
  }
  PageQuery query;
  query.max_id = request.resume;
  std::unordered_set<std::uint64_t> seen;  // of the ids: a server may send the same posts for ever
  while (!progress.is_done && (request.most == 0 || progress.read < request.most)) {
    if (request.most != 0)
      query.limit = static_cast<int>(std::min<std::size_t>(40, request.most - progress.read));
    LINNET_TRY(auto page, read_page_patiently(api, clock, random, request, query, stop));
    const auto oldest = page.statuses.empty() ? std::string() : page.statuses.back().id;
    std::erase_if(page.statuses,
                  [&](const auto& status) { return !seen.insert(fast_hash(status.id)).second; });
    std::vector<std::string> lines;
    const auto now = clock.now();
    const auto* const kind = std::get_if<StreamKind>(&request.of);
    for (const auto& status : page.statuses) {
      if (kind == nullptr || kind->has_posts_of(status.acct, api.base_url()))
        lines.push_back(make_event_line(now, "update", status.json));
    }
    progress.read += page.statuses.size();
    const bool is_stuck = page.next_max_id == query.max_id;
    progress.is_done = page.statuses.empty() || !page.next_max_id || is_stuck;
    if (!page.statuses.empty()) progress.reached = oldest;
    const auto cursor = progress.is_done ? std::string(kBackfillDone) : *page.next_max_id;
    LINNET_CHECK(sink.accept(std::move(lines), cursor));
    query.max_id = page.next_max_id;
    if (on_progress) on_progress(progress);
  }
  return progress;
}

}  // namespace linnet::connect::mastodon
