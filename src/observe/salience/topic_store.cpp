#include "observe/salience/topic_store.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>

#include "store/bulk.hpp"

namespace linnet::salience {
namespace {

using store::ColumnType;
using store::RowBatch;
using store::Value;

constexpr auto kWhole = ColumnType::integer;
constexpr std::size_t kMostTopicsKept = 300'000;

const store::BulkLookup kFindByKey{"topics", {{"key", ColumnType::text}}, "id"};
const store::BulkLookup kFindByNumber{"topics",
                                      {{"id", kWhole}},
                                      "id, key, category, created_at, servers, first_owner, second_owner, "
                                      "third_owner"};
const store::BulkLookup kFindBalances{
    "topic_balances", {{"topic_id", kWhole}}, "entries, balance, written, earned_place, earned_at"};
const store::BulkInsert kInsertTopics{"topics",
                                      {{"id", kWhole},
                                       {"key", ColumnType::text},
                                       {"category", ColumnType::text},
                                       {"created_at", kWhole},
                                       {"first_owner", kWhole},
                                       {"second_owner", kWhole},
                                       {"third_owner", kWhole},
                                       {"servers", kWhole},
                                       {"hash_high", kWhole},
                                       {"hash_low", kWhole}}};
const store::BulkUpdate kRearrangeTopics{
    "topics",
    {{"id", kWhole}},
    {{"first_owner", kWhole}, {"second_owner", kWhole}, {"third_owner", kWhole}, {"servers", kWhole}}};
const store::BulkInsert kAppendToPages{
    "salience_pages",
    {{"topic_id", kWhole}, {"page", kWhole}, {"packed", ColumnType::text}},
    "ON CONFLICT (topic_id, page) DO UPDATE SET packed = salience_pages.packed || ',' || excluded.packed"};
const store::BulkInsert kAddToBalances{
    "topic_balances",
    {{"topic_id", kWhole},
     {"entries", kWhole},
     {"balance", kWhole},
     {"written", kWhole},
     {"earned_place", kWhole},
     {"earned_at", kWhole}},
    "ON CONFLICT (topic_id) DO UPDATE SET entries = topic_balances.entries + excluded.entries, "
    "balance = topic_balances.balance + excluded.balance, written = excluded.written, "
    "earned_place = excluded.earned_place, "
    "earned_at = excluded.earned_at"};

Value owner_value(const Topic& topic, std::size_t slot) {
  return topic.owners[slot] == nullptr ? Value() : Value(topic.owners[slot]->number);
}

// Whether anything can belong to topics of this category.
bool has_belongings(Category category) {
  return category == Category::user || category == Category::channel || category == Category::dyad;
}

}  // namespace

void append_packed(std::string& text, std::int64_t place, Amount amount) {
  fmt::format_to(std::back_inserter(text), FMT_COMPILE("{}[{},{}]"), text.empty() ? "" : ",", place, amount);
}

const observe::KeptSum& balances_sum() {
  static const observe::KeptSum sum{
      .in_words = "topic_balances is what the ledger of salience adds up to",
      .table = "topic_balances",
      .keys = {"topic_id"},
      .sums = {"entries", "balance"},
      .recount =
          "SELECT l.topic_id, count(*), CAST(sum(l.amount) AS BIGINT) FROM salience_ledger l WHERE "
          "l.place >= 0{and} GROUP BY l.topic_id",
      .of_row = " AND l.topic_id = $1",
  };
  return sum;
}

void TopicStore::forget() {
  ledger_.forget();
  by_number_.clear();
  absent_.clear();
  next_number_ = 0;
}

void TopicStore::make_room() {
  if (ledger_.size() > kMostTopicsKept || absent_.size() > kMostTopicsKept) forget();
}

Topic* TopicStore::at(std::int64_t number) {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

Status TopicStore::load(store::Connection& connection, const std::vector<Occasion>& occasions) {
  Keys keys;
  Keys earning;
  const auto want = [&](const std::string& key) {
    const auto* const topic = ledger_.find(key);
    const bool is_whole = topic != nullptr && topic->has_members;
    if (!is_whole || topic->category == Category::dyad) keys.push_back(key);
    return !is_whole;
  };
  for (const auto& occasion : occasions) {
    for (const auto& one : occasion.earnings) {
      if (want(one.topic)) earning.push_back(one.topic);
      if (!one.owner.empty()) (void)want(one.owner);
      if (!one.beside.empty()) (void)want(one.beside);
    }
  }
  LINNET_CHECK(load(connection, keys));
  for (const auto& key : earning) {
    auto* const topic = ledger_.find(key);
    if (topic == nullptr || topic->has_members) continue;
    if (has_belongings(topic->category)) LINNET_CHECK(load_members(connection, *topic));
    topic->has_members = true;
  }
  return {};
}

// With what they belong to, by the key: a topic that is made in this batch finds its owners there.
Status TopicStore::load(store::Connection& connection, const Keys& keys) {
  Keys wanted;
  Keys next = keys;
  while (!next.empty()) {
    Keys owners;
    for (auto& key : next) {
      const auto* const topic = ledger_.find(key);
      const bool may_lack_dyad = topic != nullptr && topic->category == Category::dyad && !topic->is_global &&
                                 topic->owners[2] == nullptr;
      if (topic != nullptr && !may_lack_dyad) continue;
      const auto parsed = parse_topic_key(key);
      if (!parsed) return parsed.error();
      if (parsed->category == Category::dyad && !parsed->is_global())
        owners.push_back(dyad_of({}, parsed->first, parsed->second));
      if (topic != nullptr || absent_.contains(key)) continue;
      for (auto& owner : owners_of(*parsed))
        if (!owner.empty()) owners.push_back(std::move(owner));
      wanted.push_back(std::move(key));
    }
    next = std::move(owners);
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  return load_missing(connection, std::move(wanted));
}

Status TopicStore::load_missing(store::Connection& connection, Keys keys) {
  if (keys.empty()) return {};
  LINNET_CHECK(load_rows(connection, keys));
  for (auto& key : keys)
    if (ledger_.find(key) == nullptr) absent_.insert(std::move(key));
  return {};
}

Topic& TopicStore::take(const store::Statement& row) {
  const auto number = row.integer(0);
  if (auto* const known = at(number)) return *known;
  Topic topic;
  topic.number = number;
  topic.key = row.text(1);
  topic.category = parse_enum<Category>(row.text(2)).value_or(Category::self);
  topic.is_global = topic.key.starts_with("user:") || topic.key.starts_with("dyad:");
  topic.created_at = row.instant(3);
  topic.servers = row.integer(4);
  auto& added = ledger_.add_stored(std::move(topic));
  by_number_.emplace(number, &added);
  return added;
}

namespace {

struct OwnersOf {
  Topic* topic;
  std::array<std::int64_t, 3> numbers;
};

OwnersOf owners_in(Topic& topic, const store::Statement& row) {
  return {&topic, {row.integer(5), row.integer(6), row.integer(7)}};
}

}  // namespace

Status TopicStore::load_rows(store::Connection& connection, const Keys& keys) {
  RowBatch batch(1);
  for (const auto& key : keys) batch.add_row(std::string_view(key));
  std::vector<std::int64_t> found;
  LINNET_CHECK(connection.lookup_many(
      kFindByKey, batch, [&](std::size_t, const store::Statement& row) { found.push_back(row.integer(0)); }));
  return load_numbers(connection, found);
}

// And what they belong to, and that again.
Status TopicStore::load_numbers(store::Connection& connection, const std::vector<std::int64_t>& numbers) {
  std::vector<OwnersOf> unresolved;
  std::vector<Topic*> taken;
  auto wanted = numbers;
  while (!wanted.empty()) {
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    std::erase_if(wanted, [&](std::int64_t number) { return number == 0 || at(number) != nullptr; });
    if (wanted.empty()) break;
    RowBatch batch(1);
    for (const auto number : wanted) batch.add_row(number);
    wanted.clear();
    LINNET_CHECK(connection.lookup_many(kFindByNumber, batch, [&](std::size_t, const store::Statement& row) {
      auto& topic = take(row);
      taken.push_back(&topic);
      unresolved.push_back(owners_in(topic, row));
      for (const auto owner : unresolved.back().numbers) wanted.push_back(owner);
    }));
  }
  for (const auto& [topic, owners] : unresolved)
    for (std::size_t slot = 0; slot < owners.size(); ++slot)
      topic->owners[slot] = owners[slot] == 0 ? nullptr : at(owners[slot]);
  RowBatch batch(1);
  for (const auto* const topic : taken) batch.add_row(topic->number);
  if (batch.empty()) return {};
  return connection.lookup_many(kFindBalances, batch, [&](std::size_t index, const store::Statement& row) {
    auto& topic = *taken[index];
    topic.entries = topic.stored_entries = row.integer(0);
    topic.balance = topic.stored_balance = row.integer(1);
    topic.written = row.integer(2);
    topic.earned_place = row.integer(3);
    topic.earned_at = row.instant(4);
  });
}

Status TopicStore::load_members(store::Connection& connection, Topic& owner) {
  std::vector<std::int64_t> numbers;
  LINNET_CHECK(store::for_each_row(connection,
                                   R"(SELECT t.id FROM topics t JOIN topic_balances b ON b.topic_id = t.id
         WHERE (t.first_owner = $1 OR t.second_owner = $1 OR t.third_owner = $1) AND b.balance > $2
         ORDER BY b.earned_place DESC, t.key)",
                                   {owner.number, ledger_.settings().numbers.warm_above},
                                   [&](const store::Statement& row) { numbers.push_back(row.integer(0)); }));
  LINNET_CHECK(load_numbers(connection, numbers));
  for (const auto number : numbers)
    if (auto* const member = at(number)) ledger_.append_member(owner, *member);
  return {};
}

Result<std::vector<Topic*>> TopicStore::load_idle(store::Connection& connection, Instant before,
                                                  std::int64_t after, std::int64_t most) {
  std::vector<std::int64_t> numbers;
  LINNET_CHECK(store::for_each_row(
      connection,
      "SELECT topic_id FROM topic_balances WHERE topic_id > $1 AND balance > 0 AND earned_at < $2 ORDER BY "
      "topic_id LIMIT $3",
      {after, to_micros(before), most},
      [&](const store::Statement& row) { numbers.push_back(row.integer(0)); }));
  LINNET_CHECK(load_numbers(connection, numbers));
  std::vector<Topic*> topics;
  for (const auto number : numbers)
    if (auto* const topic = at(number)) topics.push_back(topic);
  return topics;
}

Status TopicStore::number_new_topics(store::Connection& connection) {
  if (next_number_ == 0) {
    LINNET_TRY(const auto greatest, store::query_integer(connection, "SELECT max(id) FROM topics"));
    next_number_ = greatest.value_or(0) + 1;
  }
  for (auto* const topic : ledger_.changed()) {
    if (topic->is_stored) continue;
    topic->number = next_number_++;
    by_number_.emplace(topic->number, topic);
  }
  return {};
}

// In one order, whatever the batches: by the place in the log.
Status TopicStore::write_entries(store::Connection& connection) {
  std::vector<const Entry*> entries;
  entries.reserve(ledger_.entries().size());
  for (const auto& entry : ledger_.entries()) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(), [](const Entry* one, const Entry* other) {
    return one->topic->number != other->topic->number
               ? one->topic->number < other->topic->number
               : place_of(one->event, one->kind) < place_of(other->event, other->kind);
  });
  std::deque<std::string> texts;
  RowBatch pages(3);
  for (std::size_t i = 0; i < entries.size();) {
    auto& topic = *entries[i]->topic;
    const auto page = topic.written / kEntriesOfPage;
    auto& text = texts.emplace_back();
    for (; i < entries.size() && entries[i]->topic == &topic && topic.written / kEntriesOfPage == page;
         ++i, ++topic.written)
      append_packed(text, place_of(entries[i]->event, entries[i]->kind), entries[i]->amount);
    pages.add_row(topic.number, page, std::string_view(text));
  }
  return pages.empty() ? Status() : connection.insert_many(kAppendToPages, pages);
}

Status TopicStore::write(store::Connection& connection) {
  LINNET_CHECK(number_new_topics(connection));
  LINNET_CHECK(write_entries(connection));
  RowBatch added(10);
  RowBatch rearranged(5);
  RowBatch balances(6);
  auto changed = ledger_.changed();
  std::sort(changed.begin(), changed.end(),
            [](const Topic* one, const Topic* other) { return one->number < other->number; });
  for (const auto* const topic : changed) {
    if (!topic->is_stored) {
      const auto hash = hash_of_topic(topic->key);
      added.add_row(topic->number, std::string_view(topic->key), enum_name(topic->category),
                    to_micros(topic->created_at), owner_value(*topic, 0), owner_value(*topic, 1),
                    owner_value(*topic, 2), topic->servers, hash.high, hash.low);
    } else if (topic->is_rearranged) {
      rearranged.add_row(topic->number, owner_value(*topic, 0), owner_value(*topic, 1),
                         owner_value(*topic, 2), topic->servers);
    }
    if (topic->entries == 0) continue;
    balances.add_row(topic->number, topic->entries - topic->stored_entries,
                     topic->balance - topic->stored_balance, topic->written, topic->earned_place,
                     to_micros(topic->earned_at));
  }
  if (!added.empty()) LINNET_CHECK(connection.insert_many(kInsertTopics, added));
  if (!rearranged.empty()) LINNET_CHECK(connection.update_many(kRearrangeTopics, rearranged));
  if (!balances.empty()) LINNET_CHECK(connection.insert_many(kAddToBalances, balances));
  ledger_.settled();
  return {};
}

}  // namespace linnet::salience
