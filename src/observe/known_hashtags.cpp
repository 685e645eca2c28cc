#include "observe/known_hashtags.hpp"

#include <algorithm>

#include "store/bulk.hpp"

namespace linnet::observe {
namespace {

using store::Column;
using store::ColumnType;
using store::Value;

const store::BulkLookup kFindHashtags{"hashtags",
                                      {{"instance_id", ColumnType::integer}, {"name", ColumnType::text}},
                                      "id, first_seen_at, last_seen_at"};
const store::BulkInsert kInsertHashtags{"hashtags",
                                        {{"id", ColumnType::integer},
                                         {"instance_id", ColumnType::integer},
                                         {"name", ColumnType::text},
                                         {"first_seen_at", ColumnType::integer},
                                         {"last_seen_at", ColumnType::integer}}};
const store::BulkUpdate kUpdateHashtags{
    "hashtags",
    {{"id", ColumnType::integer}},
    {{"first_seen_at", ColumnType::integer}, {"last_seen_at", ColumnType::integer}}};

const store::BulkDelete kDeleteHashtags{"hashtags", {{"id", ColumnType::integer}}};

}  // namespace

const std::string& KnownHashtags::key_of(const Name& name) {
  key_.assign(reinterpret_cast<const char*>(&name.instance.value()), sizeof(std::int64_t));
  key_.append(name.name);
  return key_;
}

KnownHashtag& KnownHashtags::at(const Name& name) {
  return tags_.find(key_of(name))->second;
}

Status KnownHashtags::load(store::Connection& connection, std::span<const Name> names) {
  std::vector<Name> missing;
  for (const auto& name : names) {
    const auto [place, is_new] = tags_.try_emplace(key_of(name));
    if (!is_new) continue;
    place->second.instance = name.instance.value();
    missing.push_back(name);
  }
  if (missing.empty()) return {};
  return load_missing(connection, missing);
}

Status KnownHashtags::load_missing(store::Connection& connection, std::vector<Name>& missing) {
  store::RowBatch keys(2);
  for (const auto& name : missing) keys.add_row(name.instance.value(), name.name);
  LINNET_CHECK(
      connection.lookup_many(kFindHashtags, keys, [&](std::size_t index, const store::Statement& row) {
        auto& tag = at(missing[index]);
        tag.id = row.integer(0);
        tag.first_seen = row.maybe_instant(1);
        tag.last_seen = tag.stored_last_seen = row.maybe_instant(2);
        tag.is_stored = true;
      }));
  if (next_id_ == 0) {
    LINNET_TRY(const auto greatest, store::query_integer(connection, "SELECT max(id) FROM hashtags"));
    next_id_ = greatest.value_or(0) + 1;
  }
  for (const auto& name : missing) {
    auto& tag = at(name);
    if (!tag.is_stored) tag.id = next_id_++;
  }
  return {};
}

void KnownHashtags::change(Tags::value_type& entry) {
  if (!entry.second.is_changed) changed_.push_back(&entry);
  entry.second.is_changed = true;
}

void KnownHashtags::saw(const Name& name, Instant created_at) {
  auto& entry = *tags_.find(key_of(name));
  auto& tag = entry.second;
  if (tag.first_seen && tag.last_seen && created_at >= *tag.first_seen && created_at <= *tag.last_seen)
    return;
  tag.first_seen = tag.first_seen ? std::min(*tag.first_seen, created_at) : created_at;
  tag.last_seen = tag.last_seen ? std::max(*tag.last_seen, created_at) : created_at;
  change(entry);
}

void KnownHashtags::lost(const Name& name) {
  auto& entry = *tags_.find(key_of(name));
  entry.second.lost_a_post = true;
  change(entry);
}

Status KnownHashtags::read_ends_again(store::Connection& connection, KnownHashtag& tag) {
  return store::for_each_row(connection,
                             "SELECT min(created_at), max(created_at) FROM post_hashtags "
                             "WHERE instance_id = $1 AND hashtag_id = $2",
                             {tag.instance, tag.id}, [&](const store::Statement& row) {
                               tag.first_seen = row.maybe_instant(0);
                               tag.last_seen = row.maybe_instant(1);
                             });
}

Status KnownHashtags::write(store::Connection& connection) {
  store::RowBatch inserted(5);
  store::RowBatch updated(3);
  store::RowBatch deleted(1);
  std::vector<std::string> unused;
  for (auto* entry : changed_) {
    auto& [key, tag] = *entry;
    if (tag.lost_a_post) LINNET_CHECK(read_ends_again(connection, tag));
    const auto name = std::string_view(key).substr(sizeof(std::int64_t));
    // A hashtag is there as long as a post has it, however the posts came: in one batch or in many.
    if (!tag.first_seen) {
      if (tag.is_stored) deleted.add_row(tag.id);
      unused.push_back(key);
      continue;
    }
    if (tag.is_stored) {
      updated.add_row(tag.id, store::value_of(tag.first_seen), store::value_of(tag.last_seen));
    } else {
      inserted.add_row(tag.id, tag.instance, name, store::value_of(tag.first_seen),
                       store::value_of(tag.last_seen));
    }
    tag.stored_last_seen = tag.last_seen;
    tag.is_stored = true;
    tag.is_changed = tag.lost_a_post = false;
  }
  changed_.clear();
  if (!inserted.empty()) LINNET_CHECK(connection.insert_many(kInsertHashtags, inserted));
  if (!updated.empty()) LINNET_CHECK(connection.update_many(kUpdateHashtags, updated));
  if (!deleted.empty()) LINNET_CHECK(connection.delete_many(kDeleteHashtags, deleted));
  for (const auto& key : unused) tags_.erase(key);
  if (tags_.size() > kMostKept) forget();
  return {};
}

void KnownHashtags::forget() {
  tags_.clear();
  changed_.clear();
  next_id_ = 0;
}

}  // namespace linnet::observe
