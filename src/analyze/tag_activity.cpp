#include "analyze/tag_activity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/hash.hpp"
#include "base/json_names.hpp"

namespace linnet::analyze {
namespace {

using std::chrono::hours;
using store::Statement;

constexpr std::int64_t kStep = 50'000;  // posts taken in under one lock
// A post that is deleted, or that only followers of its author see, counts for nobody.
constexpr std::string_view kColumns =
    "row_number, instance_id, created_at, account_id, CASE WHEN deleted_at IS NULL AND followers_only = 0 "
    "THEN 1 ELSE 0 END, hashtags";

std::vector<TrendingTag> cut(std::vector<TrendingTag> tags, std::size_t limit) {
  if (tags.size() > limit) tags.resize(limit);
  return tags;
}

Result<std::int64_t> greatest_row(store::Connection& reader) {
  LINNET_TRY(const auto row, store::query_integer(reader, "SELECT max(row_number) FROM posts"));
  return row.value_or(0);
}

}  // namespace

// --- following the tables

TagActivity::Post TagActivity::read_post(const Statement& row) {
  // Two instances may have given one id to two accounts.
  const auto account = fast_hash(fmt::format("{} {}", row.integer(1), row.text(3)));
  return {row.integer(0), row.integer(1),      row.instant(2),
          account,        row.integer(4) != 0, json_names(row.text(5))};
}

void TagActivity::add(Held& held, const Post& post) {
  if (!post.counts || post.hashtags.empty() || post.created_at < held.from) return;
  const auto start = floor_hour(post.created_at);
  auto& hour = held.by_instance[post.instance][start];
  const auto offset = static_cast<std::uint32_t>((post.created_at - start).count());
  for (const auto& name : post.hashtags) {
    const auto [place, is_new] =
        held.numbers.try_emplace(name, static_cast<std::uint32_t>(held.names.size()));
    if (is_new) held.names.push_back(name);
    const auto tag = place->second;
    if (hour.posts.size() <= tag) hour.posts.resize(std::max<std::size_t>(tag + 1, held.names.size()));
    ++hour.posts[tag];
    hour.uses.push_back({post.account, offset, tag, post.row});
    ++held.uses;
  }
}

// All posts of an hour in one pass over its uses: a thousand of them may be taken down at once.
void TagActivity::remove(Held& held, const std::vector<Post>& posts) {
  std::map<std::pair<std::int64_t, Instant>, std::unordered_set<std::int64_t>> rows;
  for (const auto& post : posts) rows[{post.instance, floor_hour(post.created_at)}].insert(post.row);
  for (const auto& [place, gone] : rows) {
    const auto instance = held.by_instance.find(place.first);
    if (instance == held.by_instance.end()) continue;
    const auto hour = instance->second.find(place.second);
    if (hour == instance->second.end()) continue;
    held.uses -=
        std::erase_if(hour->second.uses, [&rows = gone, &counts = hour->second.posts](const Use& use) {
          if (!rows.contains(use.row)) return false;
          --counts[use.tag];
          return true;
        });
  }
}

void TagActivity::drop_old(Held& held, Instant from) {
  held.from = std::max(held.from, from);
  const auto drop_before = [&](Instant bound) {
    for (auto& [instance, kept] : held.by_instance) {
      while (!kept.empty() && kept.begin()->first < bound) {
        held.uses -= kept.begin()->second.uses.size();
        kept.erase(kept.begin());
      }
    }
  };
  drop_before(held.from);
  while (held.uses > kMostUses) {
    held.from += hours(1);
    drop_before(held.from);
  }
}

Status TagActivity::advance(store::Connection& reader, Instant now) {
  LINNET_TRY(const auto greatest, greatest_row(reader));
  bool must_fill = greatest < last_row_;
  {
    const std::scoped_lock lock(changed_mutex_);
    must_fill = std::exchange(must_fill_, false) || must_fill;
  }
  if (!must_fill) return follow(reader, now);
  auto filled = fill(reader, now);
  if (!filled) forget();
  return filled;
}

Status TagActivity::fill(store::Connection& reader, Instant now) {
  Held held;
  held.from = floor_hour(now) - kHeld;
  LINNET_TRY(const auto last, greatest_row(reader));
  const auto sql = std::string("SELECT ") + std::string(kColumns) +
                   R"( FROM posts
                      WHERE instance_id = $1 AND created_at >= $2 AND row_number <= $3
                        AND deleted_at IS NULL AND followers_only = 0 AND hashtags IS NOT NULL)";
  std::vector<std::int64_t> instances;
  LINNET_CHECK(store::for_each_row(reader, "SELECT id FROM instances", {},
                                   [&](const Statement& row) { instances.push_back(row.integer(0)); }));
  for (const auto instance : instances) {
    LINNET_CHECK(store::for_each_row(reader, sql, {instance, to_micros(held.from), last},
                                     [&](const Statement& row) { add(held, read_post(row)); }));
  }
  drop_old(held, held.from);
  const std::unique_lock lock(mutex_);
  held_ = std::move(held);
  last_row_ = last;
  is_filled_ = true;
  return {};
}

Status TagActivity::follow(store::Connection& reader, Instant now) {
  const auto sql = std::string("SELECT ") + std::string(kColumns) +
                   " FROM posts WHERE row_number > $1 ORDER BY row_number LIMIT $2";
  while (true) {
    std::vector<Post> fresh;
    LINNET_CHECK(store::for_each_row(reader, sql, {last_row_.load(), kStep},
                                     [&](const Statement& row) { fresh.push_back(read_post(row)); }));
    const auto last = fresh.empty() ? last_row_.load() : fresh.back().row;
    LINNET_TRY(const auto changed, read_changed(reader, last));
    const std::unique_lock lock(mutex_);
    for (const auto& post : fresh) add(held_, post);
    remove(held_, changed);
    for (const auto& post : changed) add(held_, post);
    drop_old(held_, floor_hour(now) - kHeld);
    last_row_ = last;
    if (fresh.size() < static_cast<std::size_t>(kStep)) return {};
  }
}

// Posts behind `last_row` are left out: they are read as they are now when their turn comes. What cannot be
// read now is read the next time.
Result<std::vector<TagActivity::Post>> TagActivity::read_changed(store::Connection& reader,
                                                                 std::int64_t last_row) {
  std::set<Changed> changed;
  {
    const std::scoped_lock lock(changed_mutex_);
    changed.swap(changed_);
  }
  std::vector<Post> posts;
  const auto sql =
      std::string("SELECT ") + std::string(kColumns) + " FROM posts WHERE instance_id = $1 AND id = $2";
  for (const auto& [instance, id] : changed) {
    const auto read =
        store::for_each_row(reader, sql, {instance, std::string_view(id)}, [&](const Statement& row) {
          if (row.integer(0) <= last_row) posts.push_back(read_post(row));
        });
    if (read) continue;
    const std::scoped_lock lock(changed_mutex_);
    changed_.merge(changed);
    return read.error();
  }
  return posts;
}

void TagActivity::note_changed(InstanceId instance, std::string post_id) {
  const std::scoped_lock lock(changed_mutex_);
  if (must_fill_) return;  // what is committed by now will be read
  changed_.insert({instance.value(), std::move(post_id)});
  if (changed_.size() <= kMostChanges) return;
  changed_.clear();
  must_fill_ = true;
}

void TagActivity::forget() {
  const std::scoped_lock lock(changed_mutex_);
  changed_.clear();
  must_fill_ = true;
}

// --- answers; the caller holds the lock

template <typename Visit>
void TagActivity::visit(const TrendQuestion& question, Instant from, Instant to, Visit visit) const {
  for (const auto& [instance, kept] : held_.by_instance) {
    if (question.instance && question.instance->value() != instance) continue;
    for (auto hour = kept.lower_bound(floor_hour(from)); hour != kept.end() && hour->first <= to; ++hour) {
      const auto first = (from - hour->first).count();  // excluded
      const auto last = (to - hour->first).count();     // included
      for (const auto& use : hour->second.uses) {
        if (use.offset > first && use.offset <= last) visit(use, hour->first + Duration(use.offset));
      }
    }
  }
}

std::vector<std::uint32_t> TagActivity::count(const TrendQuestion& question, Instant from, Instant to) const {
  std::vector<std::uint32_t> counts(held_.names.size());
  // Whole hours are summed up already; uses are looked at in the two hours that the window cuts.
  Instant first_whole = floor_hour(from);
  if (first_whole <= from) first_whole += hours(1);
  const Instant end_whole = std::max(first_whole, floor_hour(to + Duration(1)));
  for (const auto& [instance, kept] : held_.by_instance) {
    if (question.instance && question.instance->value() != instance) continue;
    for (auto hour = kept.lower_bound(first_whole); hour != kept.end() && hour->first < end_whole; ++hour) {
      const auto& posts = hour->second.posts;
      for (std::size_t tag = 0; tag < posts.size(); ++tag) counts[tag] += posts[tag];
    }
  }
  const auto count_use = [&](const Use& use, Instant) { ++counts[use.tag]; };
  visit(question, from, std::min(to, first_whole - Duration(1)), count_use);
  if (end_whole - Duration(1) < to && end_whole > from) {
    visit(question, std::max(from, end_whole - Duration(1)), to, count_use);
  }
  return counts;
}

void TagActivity::count_accounts(const TrendQuestion& question, Instant from,
                                 std::vector<TrendingTag>& tags) const {
  std::vector<std::int32_t> place(held_.names.size(), -1);
  std::vector<std::unordered_set<std::uint64_t>> accounts(tags.size());
  for (std::size_t i = 0; i < tags.size(); ++i) {
    place[held_.numbers.find(tags[i].name)->second] = static_cast<std::int32_t>(i);
  }
  visit(question, from, question.at, [&](const Use& use, Instant) {
    if (place[use.tag] >= 0) accounts[static_cast<std::size_t>(place[use.tag])].insert(use.account);
  });
  for (std::size_t i = 0; i < tags.size(); ++i)
    tags[i].accounts = static_cast<std::int64_t>(accounts[i].size());
}

std::vector<TrendingTag> TagActivity::growth(const TrendQuestion& question) const {
  const Instant recent_from = question.at - question.window;
  const auto recent = count(question, recent_from, question.at);
  const auto before = count(question, std::min(question.at - question.baseline, recent_from), recent_from);
  std::vector<TrendingTag> candidates;
  for (std::size_t tag = 0; tag < recent.size(); ++tag) {
    if (recent[tag] >= question.min_posts && 2 * std::int64_t{recent[tag]} > 3 * std::int64_t{before[tag]})
      candidates.push_back({held_.names[tag], recent[tag], before[tag], 0, 0});
  }
  auto tags = cut(growing_tags(std::move(candidates), question.min_posts), question.limit);
  count_accounts(question, recent_from, tags);
  return tags;
}

std::vector<TrendingTag> TagActivity::spike(const TrendQuestion& question) const {
  std::vector<std::uint32_t> recent(held_.names.size());
  std::vector<Instant> newest(held_.names.size(), Instant::min());
  visit(question, question.at - hours(1), question.at, [&](const Use& use, Instant created_at) {
    ++recent[use.tag];
    newest[use.tag] = std::max(newest[use.tag], created_at);
  });
  const auto before = count(question, question.at - hours(25), question.at - hours(24));
  std::vector<SpikeCandidate> candidates;
  for (std::size_t tag = 0; tag < recent.size(); ++tag) {
    if (recent[tag] == 0) continue;
    const double since = std::chrono::duration<double, std::ratio<3600>>(question.at - newest[tag]).count();
    candidates.push_back({{held_.names[tag], recent[tag], before[tag], 0, 0}, since});
  }
  auto tags = cut(spiking_tags(std::move(candidates)), question.limit);
  count_accounts(question, question.at - hours(1), tags);
  return tags;
}

std::optional<std::vector<TrendingTag>> TagActivity::trending(const TrendQuestion& question) const {
  const std::shared_lock lock(mutex_);
  if (!is_filled_) return std::nullopt;
  const bool is_growth = question.method == TrendMethod::growth;
  if (!is_growth && question.method != TrendMethod::spike) return std::nullopt;
  const Duration back = is_growth ? std::max(question.window, question.baseline) : Duration(hours(25));
  if (question.at - back < held_.from) return std::nullopt;
  return is_growth ? growth(question) : spike(question);
}

std::size_t TagActivity::uses() const {
  const std::shared_lock lock(mutex_);
  return held_.uses;
}

}  // namespace linnet::analyze
