#include "observe/salience/topic_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/hashtag_name.hpp"
#include "base/text.hpp"
#include "store/record/json.hpp"

namespace linnet::salience {
namespace {

using store::Statement;
using store::Value;

struct ListPlace {
  Amount balance = 0;
  std::int64_t number = 0;
};

Result<std::optional<ListPlace>> read_place(std::string_view cursor) {
  if (cursor.empty()) return std::optional<ListPlace>();
  ListPlace place;
  const auto* const end = cursor.data() + cursor.size();
  const auto first = std::from_chars(cursor.data(), end, place.balance);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '_') {
    const auto second = std::from_chars(first.ptr + 1, end, place.number);
    if (second.ec == std::errc() && second.ptr == end) return std::optional(place);
  }
  return invalid("cursor: expected the `next` of an earlier answer");
}

Status check_category(std::string_view category) {
  if (category.empty() || parse_enum<Category>(category)) return {};
  return invalid(fmt::format("category: expected one of {}, got \"{}\"",
                             fmt::join(enum_names<Category>(), ", "),
                             to_valid_utf8(truncate_utf8(category, 40))));
}

// Of a time that is past the rows are added up; the balances that are kept are those of now.
constexpr std::string_view kBalancesNow = "SELECT topic_id, balance FROM topic_balances WHERE topic_id > $1";
constexpr std::string_view kBalancesThen =
    R"(SELECT l.topic_id, CAST(sum(l.amount) AS BIGINT) AS balance FROM salience_ledger l
       JOIN salience_causes c ON c.event = l.place / 16 WHERE c.created_at <= $1 GROUP BY l.topic_id)";

struct FoundTopic {
  std::int64_t number = 0;
  std::string key;
  Instant created_at{};
  std::string metadata;
};

Result<FoundTopic> topic_named(store::Connection& connection, std::string_view topic) {
  LINNET_TRY(const auto key, topic_as_kept(topic));
  FoundTopic found;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT id, key, created_at, metadata FROM topics WHERE key = $1", {std::string_view(key)},
      [&](const Statement& row) {
        found = {row.integer(0), std::string(row.text(1)), row.instant(2), std::string(row.text(3))};
      }));
  if (found.number == 0)
    return not_found(
        fmt::format("topic: nothing is known of \"{}\"", to_valid_utf8(truncate_utf8(key, 200))));
  return found;
}

}  // namespace

Result<std::string> topic_as_kept(std::string_view written) {
  constexpr std::string_view kHashtag = "hashtag:";
  if (written.starts_with('#')) return topic_of(Category::hashtag, {}, hashtag_name(written));
  if (written.starts_with(kHashtag))
    return topic_of(Category::hashtag, {}, hashtag_name(written.substr(kHashtag.size())));
  LINNET_TRY(const auto key, parse_topic_key(written));
  return to_string(key);
}

Result<TopicPage> list_topics(store::Connection& connection, const TopicFilter& filter) {
  LINNET_CHECK(check_category(filter.category));
  LINNET_TRY(const auto after, read_place(filter.cursor));
  const auto prefix = "server:" + filter.server + ":%";
  // Balances first: their index gives the order.
  const auto sql = fmt::format(
      R"(SELECT t.key, t.category, b.balance, t.id FROM ({}) b JOIN topics t ON t.id = b.topic_id
         WHERE ($2 = '' OR t.category = $2) AND ($3 = '' OR t.key LIKE $4)
           AND ($5 = 0 OR b.balance < $6 OR (b.balance = $6 AND t.id > $7))
         ORDER BY b.balance DESC, t.id LIMIT $8)",
      filter.at ? kBalancesThen : kBalancesNow);
  TopicPage page;
  ListPlace last;
  std::int64_t count = 0;
  const auto limit = static_cast<std::int64_t>(filter.limit);
  LINNET_CHECK(store::for_each_row(
      connection, sql,
      {filter.at ? to_micros(*filter.at) : std::int64_t{0}, std::string_view(filter.category),
       std::string_view(filter.server), std::string_view(prefix), std::int64_t{after.has_value()},
       after ? after->balance : std::int64_t{0}, after ? after->number : std::int64_t{0}, limit + 1},
      [&](const Statement& row) {
        if (++count > limit) return;
        page.items.push_back({std::string(row.text(0)), std::string(row.text(1)), to_points(row.integer(2))});
        last = {row.integer(2), row.integer(3)};
      }));
  if (count > limit) page.next = fmt::format("{}_{}", last.balance, last.number);
  return page;
}

Result<std::vector<LedgerEntry>> ledger_of(store::Connection& connection, std::string_view topic,
                                           std::int64_t most) {
  LINNET_TRY(const auto found, topic_named(connection, topic));
  const auto hash = hash_of_topic(found.key);
  std::vector<LedgerEntry> entries;
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT l.place, l.amount, c.created_at, c.reason, c.hash FROM salience_ledger l
         JOIN salience_causes c ON c.event = l.place / 16
         WHERE l.topic_id = $1 ORDER BY l.place DESC LIMIT $2)",
      {found.number, most}, [&](const Statement& row) {
        const auto kind = static_cast<EntryKind>(row.integer(0) % kKindsOfPlace);
        entries.push_back({entry_id(row.instant(2), hash, row.integer(4), kind),
                           std::string(enum_name(type_of(kind))), std::string(enum_name(kind)),
                           to_points(row.integer(1)), std::string(row.text(3)), row.instant(2)});
      }));
  std::reverse(entries.begin(), entries.end());
  return entries;
}

Result<Settings> current_settings(store::Connection& connection) {
  LINNET_TRY(const auto text,
             store::query_text(connection, "SELECT value FROM salience_settings WHERE name = 'numbers'"));
  return parse_salience_settings(text.value_or(""));
}

Result<TopicDetail> find_topic(store::Connection& connection, std::string_view topic) {
  LINNET_TRY(const auto found, topic_named(connection, topic));
  LINNET_TRY(const auto settings, current_settings(connection));
  LINNET_TRY(const auto key, parse_topic_key(found.key));
  TopicDetail detail;
  detail.topic = {found.key, std::string(enum_name(key.category)), 0};
  detail.cap = to_points(cap_of(settings.numbers, key.category, key.is_global()));
  detail.created_at = found.created_at;
  detail.metadata = found.metadata;
  LINNET_CHECK(store::for_each_row(
      connection, "SELECT balance, entries, earned_at, earned_place FROM topic_balances WHERE topic_id = $1",
      {found.number}, [&](const Statement& row) {
        detail.topic.balance = to_points(row.integer(0));
        detail.entries = row.integer(1);
        if (row.integer(3) > 0) detail.earned_at = row.instant(2);
      }));
  LINNET_CHECK(store::for_each_row(
      connection,
      R"(SELECT t.key, t.category, b.balance FROM topics t JOIN topic_balances b ON b.topic_id = t.id
         WHERE t.first_owner = $1 OR t.second_owner = $1 OR t.third_owner = $1
           OR t.id IN (SELECT first_owner FROM topics WHERE id = $1 AND first_owner IS NOT NULL)
           OR t.id IN (SELECT second_owner FROM topics WHERE id = $1 AND second_owner IS NOT NULL)
           OR t.id IN (SELECT third_owner FROM topics WHERE id = $1 AND third_owner IS NOT NULL)
         ORDER BY b.earned_place DESC, t.key LIMIT 20)",
      {found.number}, [&](const Statement& row) {
        detail.related.push_back(
            {std::string(row.text(0)), std::string(row.text(1)), to_points(row.integer(2))});
      }));
  return detail;
}

}  // namespace linnet::salience

namespace linnet::record {

using salience::LedgerEntry;
using salience::TopicBalance;
using salience::TopicDetail;

template <>
const Entity& entity_of<TopicBalance>() {
  static const auto described = entity<TopicBalance>(
      {.name = "TopicBalance"},
      {field<&TopicBalance::key>("key").like("server:80351110224678912:user:53908232506183680"),
       field<&TopicBalance::category>("category").one_of(enum_names<salience::Category>()),
       field<&TopicBalance::balance>("balance")});
  return described;
}
template <>
const Entity& entity_of<LedgerEntry>() {
  static const auto described =
      entity<LedgerEntry>({.name = "LedgerEntry"},
                          {field<&LedgerEntry::id>("id").like("01J4Z6V8E0C5S2XK7Q3W9D1MFT"),
                           field<&LedgerEntry::entry_type>("entry_type").one_of({"earn", "spend", "retain"}),
                           field<&LedgerEntry::kind>("kind").one_of(enum_names<salience::EntryKind>()),
                           field<&LedgerEntry::amount>("amount").means("Less than 0 for what goes"),
                           field<&LedgerEntry::reason>("reason").or_null_in_json().means(
                               "The id of the message, post or run that caused it"),
                           field<&LedgerEntry::created_at>("created_at")});
  return described;
}
template <>
const Entity& entity_of<TopicDetail>() {
  static const auto described = entity<TopicDetail>(
      {.name = "TopicDetail", .bases = {within<&TopicDetail::topic>()}},
      {field<&TopicDetail::cap>("cap").means("The most that it can have"),
       field<&TopicDetail::entries>("entries"), field<&TopicDetail::created_at>("created_at"),
       field<&TopicDetail::earned_at>("earned_at").means("When it last earned by itself"),
       field<&TopicDetail::metadata>("metadata").json_object(),
       field<&TopicDetail::related>("related").means("What shares in what it earns, by who earned last")});
  return described;
}

}  // namespace linnet::record
