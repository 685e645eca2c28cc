#include "connect/mastodon/gap_filler.hpp"

#include <algorithm>
#include <limits>

namespace linnet::connect::mastodon {
namespace {

const std::string& newest_of(const std::vector<RawStatus>& statuses) {
  return std::max_element(statuses.begin(), statuses.end(),
                          [](const auto& a, const auto& b) { return id_less(a.id, b.id); })
      ->id;
}
const std::string& oldest_of(const std::vector<RawStatus>& statuses) {
  return std::min_element(statuses.begin(), statuses.end(),
                          [](const auto& a, const auto& b) { return id_less(a.id, b.id); })
      ->id;
}

void count(GapOutcome& outcome, const std::vector<RawStatus>& statuses) {
  outcome.read += statuses.size();
  const auto& newest = newest_of(statuses);
  if (id_less(outcome.newest, newest)) outcome.newest = newest;
}

}  // namespace

Result<GapOutcome> GapFiller::fill(const std::string& last_seen, const OnPage& on_page,
                                   const std::stop_token& stop) {
  using std::chrono::duration_cast;
  GapOutcome outcome;
  const auto earlier =
      id_earlier(last_seen, duration_cast<std::chrono::milliseconds>(options_.overlap).count());
  if (!earlier) {
    LINNET_CHECK(fill_downwards(last_seen, std::nullopt, static_cast<std::size_t>(options_.overlap_pages),
                                options_.most, on_page, stop, outcome));
  }
  const auto& floor = earlier ? *earlier : last_seen;
  if (has_min_id_.value_or(true)) {
    bool is_refused = false;
    LINNET_CHECK(fill_upwards(floor, last_seen, on_page, stop, outcome, is_refused));
    if (!is_refused) return outcome;
  }
  LINNET_CHECK(fill_downwards(std::nullopt, floor, std::numeric_limits<std::size_t>::max(), options_.most,
                              on_page, stop, outcome));
  LINNET_CHECK(on_page({}, id_less(last_seen, outcome.newest) ? outcome.newest : last_seen));
  return outcome;
}

Status GapFiller::fill_upwards(const std::string& floor, const std::string& last_seen, const OnPage& on_page,
                               const std::stop_token& stop, GapOutcome& outcome, bool& is_refused) {
  auto mark = floor;
  while (true) {
    PageQuery query;
    query.min_id = mark;
    query.limit = options_.page_size;
    LINNET_TRY(auto page, api_.timeline(kind_, query, stop));
    if (page.statuses.empty()) return {};
    const auto newest = newest_of(page.statuses);
    // A short page holds all there is, whichever way the server took min_id.
    if (!has_min_id_ && page.statuses.size() >= static_cast<std::size_t>(options_.page_size)) {
      LINNET_TRY(has_min_id_, honours_min_id(page, floor, stop));
      if (!*has_min_id_) {
        is_refused = true;
        return {};
      }
    }
    if (!id_less(mark, newest)) return {};
    mark = newest;
    count(outcome, page.statuses);
    std::optional<std::string> cursor;
    if (id_less(last_seen, mark)) cursor = mark;
    LINNET_CHECK(on_page(std::move(page.statuses), std::move(cursor)));
    if (outcome.read >= options_.most) {
      outcome.was_cut = true;
      return {};
    }
  }
}

// Old servers pass over min_id and give the newest page: then there is something between it and the floor.
Result<bool> GapFiller::honours_min_id(const StatusPage& first_page, const std::string& floor,
                                       const std::stop_token& stop) {
  PageQuery query;
  query.max_id = oldest_of(first_page.statuses);
  query.limit = 1;
  LINNET_TRY(const auto page, api_.timeline(kind_, query, stop));
  return page.statuses.empty() || !id_less(floor, newest_of(page.statuses));
}

Status GapFiller::fill_downwards(const std::optional<std::string>& max_id,
                                 const std::optional<std::string>& floor, std::size_t most_pages,
                                 std::size_t most, const OnPage& on_page, const std::stop_token& stop,
                                 GapOutcome& outcome) {
  PageQuery query;
  query.max_id = max_id;
  std::string lowest;  // so far
  for (std::size_t pages = 0; pages < most_pages; ++pages) {
    query.limit = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(options_.page_size),
                                                         std::max<std::size_t>(1, most - outcome.read)));
    LINNET_TRY(auto page, api_.timeline(kind_, query, stop));
    if (page.statuses.empty()) return {};
    // The same again: the server passes over max_id, and what lies between here and the floor is out of
    // reach.
    const auto oldest = oldest_of(page.statuses);
    if (!lowest.empty() && !id_less(oldest, lowest)) {
      outcome.was_cut = floor.has_value();
      return {};
    }
    lowest = oldest;
    const bool has_reached_floor = floor && !id_less(*floor, oldest_of(page.statuses));
    if (floor) std::erase_if(page.statuses, [&](const auto& status) { return !id_less(*floor, status.id); });
    if (!page.statuses.empty()) {
      count(outcome, page.statuses);
      LINNET_CHECK(on_page(std::move(page.statuses), std::nullopt));
    }
    if (has_reached_floor || !page.next_max_id) return {};
    if (outcome.read >= most || page.next_max_id == query.max_id) {
      outcome.was_cut = floor.has_value();
      return {};
    }
    query.max_id = page.next_max_id;
  }
  return {};
}

Result<GapOutcome> GapFiller::start(std::size_t depth, const OnPage& on_page, const std::stop_token& stop) {
  GapOutcome outcome;
  LINNET_CHECK(fill_downwards(std::nullopt, std::nullopt, std::numeric_limits<std::size_t>::max(),
                              std::max<std::size_t>(depth, 1), on_page, stop, outcome));
  if (!outcome.newest.empty()) LINNET_CHECK(on_page({}, outcome.newest));
  return outcome;
}

}  // namespace linnet::connect::mastodon
