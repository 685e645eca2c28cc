#include "observe/known_accounts.hpp"

#include <algorithm>
#include <vector>

#include "base/hash.hpp"
#include "store/bulk.hpp"

namespace linnet::observe {
namespace {

using model::AccountSighting;
using model::MaybeText;
using store::ColumnType;
using store::Value;

Value value_of(const MaybeText& text) {
  return text ? Value(*text) : Value();
}
Value value_of(const std::optional<std::int64_t>& number) {
  return number ? Value(*number) : Value();
}

const store::BulkLookup kFindAccounts{"platform_users",
                                      {{"instance_id", ColumnType::integer}, {"id", ColumnType::text}},
                                      "acct, discovered_at, last_seen_at, last_updated_at"};
const store::BulkInsert kWriteAccounts{
    "platform_users",
    {{"instance_id", ColumnType::integer},
     {"id", ColumnType::text},
     {"username", ColumnType::text},
     {"acct", ColumnType::text},
     {"display_name", ColumnType::text},
     {"domain", ColumnType::text},
     {"profile_url", ColumnType::text},
     {"avatar_url", ColumnType::text},
     {"bio", ColumnType::text},
     {"follower_count", ColumnType::integer},
     {"following_count", ColumnType::integer},
     {"post_count", ColumnType::integer},
     {"is_verified", ColumnType::integer},
     {"is_private", ColumnType::integer},
     {"is_bot", ColumnType::integer},
     {"created_at", ColumnType::integer},
     {"discovered_at", ColumnType::integer},
     {"last_seen_at", ColumnType::integer},
     {"last_updated_at", ColumnType::integer}},
    "ON CONFLICT (instance_id, id) DO UPDATE SET username = excluded.username, acct = excluded.acct, "
    "display_name = excluded.display_name, domain = excluded.domain, profile_url = excluded.profile_url, "
    "avatar_url = excluded.avatar_url, bio = excluded.bio, follower_count = excluded.follower_count, "
    "following_count = excluded.following_count, post_count = excluded.post_count, "
    "is_verified = excluded.is_verified, is_private = excluded.is_private, is_bot = excluded.is_bot, "
    "created_at = excluded.created_at, discovered_at = excluded.discovered_at, "
    "last_seen_at = excluded.last_seen_at, last_updated_at = excluded.last_updated_at"};
const store::BulkUpdate kTouchAccounts{"platform_users",
                                       {{"instance_id", ColumnType::integer}, {"id", ColumnType::text}},
                                       {{"discovered_at", ColumnType::integer},
                                        {"last_seen_at", ColumnType::integer},
                                        {"last_updated_at", ColumnType::integer}}};

std::uint64_t hash_of(const AccountSighting& account) {
  std::uint64_t hash = fast_hash(account.acct);
  for (const auto& part : {account.display_name, account.profile_url, account.avatar_url, account.bio}) {
    hash = part ? fast_hash(*part, hash) : hash * 31 + 7;
  }
  const std::int64_t numbers[] = {account.follower_count.value_or(-1),
                                  account.following_count.value_or(-1),
                                  account.post_count.value_or(-1),
                                  account.created_at ? to_micros(*account.created_at) : -1,
                                  account.is_verified,
                                  account.is_private,
                                  account.is_bot};
  hash = fast_hash({reinterpret_cast<const char*>(numbers), sizeof(numbers)}, hash);
  return fast_hash(account.username, hash) | 1U;
}

void add_row(store::RowBatch& rows, InstanceId instance, const AccountSighting& account, Instant discovered,
             Instant seen, Instant updated) {
  rows.add_row(instance.value(), account.id, account.username, account.acct, value_of(account.display_name),
               value_of(account.domain()), value_of(account.profile_url), value_of(account.avatar_url),
               value_of(account.bio), value_of(account.follower_count), value_of(account.following_count),
               value_of(account.post_count), std::int64_t{account.is_verified},
               std::int64_t{account.is_private}, std::int64_t{account.is_bot},
               store::value_of(account.created_at), to_micros(discovered), to_micros(seen),
               to_micros(updated));
}

}  // namespace

void KnownAccounts::saw(InstanceId instance, const AccountSighting& account, Instant received_at) {
  key_.assign(reinterpret_cast<const char*>(&instance.value()), sizeof(std::int64_t));
  key_.append(account.id);
  const auto [place, is_first] = seen_.try_emplace(key_);
  auto& seen = place->second;
  if (is_first) seen = {instance, &account, nullptr, {}, received_at, received_at};
  seen.oldest_at = std::min(seen.oldest_at, received_at);
  seen.newest_at = std::max(seen.newest_at, received_at);
  if (account.is_bare || (seen.described != nullptr && received_at < seen.described_at)) return;
  seen.described = &account;
  seen.described_at = received_at;
}

Status KnownAccounts::load_missing(store::Connection& connection) {
  store::RowBatch keys(2);
  std::vector<std::pair<Known*, std::string_view>> places;
  for (const auto& [key, seen] : seen_) {
    const auto [place, is_new] = known_.try_emplace(key);
    if (!is_new) continue;
    keys.add_row(seen.instance.value(), seen.any->id);
    places.emplace_back(&place->second, seen.any->id);
  }
  if (keys.empty()) return {};
  return connection.lookup_many(kFindAccounts, keys, [&](std::size_t index, const store::Statement& row) {
    const auto& [place, id] = places[index];
    auto& known = *place;
    known.is_stored = true;
    // Nothing but its id is known of an account that bears it as its address.
    known.is_described = row.text(0) != id;
    known.discovered_at = row.instant(1);
    known.seen_at = row.instant(2);
    known.updated_at = row.instant(3);
  });
}

// What is known of an account follows from what was seen of it, not from the order in which it was seen.
void KnownAccounts::settle(const Seen& seen, Known& known, store::RowBatch& written,
                           store::RowBatch& touched) {
  const auto before = known;
  const bool is_newer = seen.described != nullptr &&
                        (!known.is_stored || !known.is_described || seen.described_at >= known.updated_at);
  known.discovered_at = known.is_stored ? std::min(known.discovered_at, seen.oldest_at) : seen.oldest_at;
  known.seen_at = known.is_stored ? std::max(known.seen_at, seen.newest_at) : seen.newest_at;
  known.is_described = known.is_described || is_newer;
  if (is_newer) known.updated_at = seen.described_at;
  if (!known.is_described) known.updated_at = known.seen_at;
  if (is_newer) known.profile_hash = hash_of(*seen.described);
  known.is_stored = true;
  if (!before.is_stored || (is_newer && known.profile_hash != before.profile_hash)) {
    add_row(written, seen.instance, is_newer ? *seen.described : *seen.any, known.discovered_at,
            known.seen_at, known.updated_at);
  } else if (known.discovered_at != before.discovered_at || known.seen_at != before.seen_at ||
             known.updated_at != before.updated_at) {
    touched.add_row(seen.instance.value(), seen.any->id, to_micros(known.discovered_at),
                    to_micros(known.seen_at), to_micros(known.updated_at));
  }
}

Status KnownAccounts::write(store::Connection& connection) {
  LINNET_CHECK(load_missing(connection));
  store::RowBatch written(19);
  store::RowBatch touched(5);
  std::vector<std::pair<std::string_view, const Seen*>> ordered;
  ordered.reserve(seen_.size());
  for (const auto& [key, seen] : seen_) ordered.emplace_back(key, &seen);
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key, seen] : ordered) settle(*seen, known_.find(key)->second, written, touched);
  if (!written.empty()) LINNET_CHECK(connection.insert_many(kWriteAccounts, written));
  if (!touched.empty()) LINNET_CHECK(connection.update_many(kTouchAccounts, touched));
  seen_.clear();
  if (known_.size() > kMostKept) known_.clear();
  return {};
}

void KnownAccounts::forget() {
  known_.clear();
  seen_.clear();
}

}  // namespace linnet::observe
