#include "analyze/velocity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace linnet::analyze {
namespace {

using store::Statement;

struct Counts {
  std::int64_t favourites = 0, reblogs = 0, replies = 0;
};

std::int64_t figure(const Counts& counts, CountKind kind) {
  switch (kind) {
    case CountKind::favourites:
      return counts.favourites;
    case CountKind::reblogs:
      return counts.reblogs;
    case CountKind::replies:
      return counts.replies;
    case CountKind::score:
      return 3 * counts.reblogs + 2 * counts.favourites + counts.replies;
  }
  return 0;
}

// What a post gained in the window: every snapshot carries its gain against the one before it, so the gains
// of the window add up to the difference of its ends. Only a first snapshot's gain may not count: see
// fast_posts().
struct Gain {
  std::int64_t all = 0;
  std::int64_t first = 0;
};

Status add_up(store::Connection& connection, InstanceId instance, const VelocityQuestion& ask,
              std::unordered_map<std::string, Gain>& gains) {
  LINNET_TRY(auto* rows, connection.prepare(
                             R"(SELECT post_id, favourites_gained, reblogs_gained, replies_gained,
                                  is_first FROM post_metric_snapshots
                                WHERE instance_id = $1 AND captured_at > $2 AND captured_at <= $3
                                  AND (favourites_gained <> 0 OR reblogs_gained <> 0 OR replies_gained <> 0))"));
  rows->bind(1, instance.value());
  rows->bind(2, to_micros(ask.at - ask.window));
  rows->bind(3, to_micros(ask.at));
  while (true) {
    LINNET_TRY(const bool has_row, rows->step());
    if (!has_row) return {};
    const auto gained = figure({rows->integer(1), rows->integer(2), rows->integer(3)}, ask.by);
    auto& gain = gains[std::string(rows->text(0))];
    gain.all += gained;
    if (rows->integer(4) != 0) gain.first += gained;
  }
}

Status judge(store::Connection& connection, InstanceId instance, const std::string& base_url,
             const VelocityQuestion& ask, const std::unordered_map<std::string, Gain>& gains,
             std::vector<FastPost>& fast) {
  for (const auto& [id, gain] : gains) {
    if (gain.all <= ask.more_than) continue;
    LINNET_TRY(auto* post, connection.prepare(
                               R"(SELECT p.created_at, s.favourites_count, s.reblogs_count,
                                    s.replies_count FROM posts p
                                  JOIN post_metric_snapshots s ON s.instance_id = p.instance_id
                                    AND s.post_id = p.id
                                  WHERE p.instance_id = $1 AND p.id = $2 AND p.deleted_at IS NULL
                                    AND p.followers_only = 0 AND s.captured_at <= $3
                                  ORDER BY s.captured_at DESC LIMIT 1)"));
    post->bind(1, instance.value());
    post->bind(2, std::string_view(id));
    post->bind(3, to_micros(ask.at));
    LINNET_TRY(const bool has_row, post->step());
    if (!has_row) continue;
    const bool is_new = post->instant(0) > ask.at - ask.window;
    const auto to = figure({post->integer(1), post->integer(2), post->integer(3)}, ask.by);
    post->reset();
    const auto gained = is_new ? gain.all : gain.all - gain.first;
    if (gained > ask.more_than) fast.push_back({instance, base_url, id, gained, to - gained, to});
  }
  return {};
}

}  // namespace

Result<CountKind> parse_count_kind(std::string_view text) {
  if (text == "favourites") return CountKind::favourites;
  if (text == "reblogs") return CountKind::reblogs;
  if (text == "replies") return CountKind::replies;
  if (text == "score") return CountKind::score;
  return invalid(
      fmt::format("by: expected favourites, reblogs, replies or score, got \"{}\"", text.substr(0, 40)));
}

Result<std::vector<FastPost>> fast_posts(store::Connection& connection, const VelocityQuestion& question) {
  std::vector<std::pair<InstanceId, std::string>> instances;
  LINNET_CHECK(store::for_each_row(connection, "SELECT id, base_url FROM instances ORDER BY id", {},
                                   [&](const Statement& row) {
                                     if (!question.instance || question.instance->value() == row.integer(0)) {
                                       instances.emplace_back(InstanceId(row.integer(0)), row.text(1));
                                     }
                                   }));
  std::vector<FastPost> fast;
  for (const auto& [instance, base_url] : instances) {
    std::unordered_map<std::string, Gain> gains;
    LINNET_CHECK(add_up(connection, instance, question, gains));
    LINNET_CHECK(judge(connection, instance, base_url, question, gains, fast));
  }
  std::sort(fast.begin(), fast.end(), [](const FastPost& a, const FastPost& b) {
    return a.gained != b.gained ? a.gained > b.gained
                                : std::tie(a.id, a.instance) < std::tie(b.id, b.instance);
  });
  if (fast.size() > question.limit) fast.resize(question.limit);
  return fast;
}

}  // namespace linnet::analyze
