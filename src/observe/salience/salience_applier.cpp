#include "observe/salience/salience_applier.hpp"

#include <algorithm>

#include "store/bulk.hpp"

namespace linnet::salience {
namespace {

constexpr std::int64_t kIdleAtOnce = 5'000;

const store::BulkInsert kInsertCauses{"salience_causes",
                                      {{"event", store::ColumnType::integer},
                                       {"created_at", store::ColumnType::integer},
                                       {"reason", store::ColumnType::text},
                                       {"hash", store::ColumnType::integer}},
                                      "ON CONFLICT DO NOTHING"};

constexpr std::string_view kSettingsName = "numbers";
constexpr std::string_view kDayName = "day";

Result<std::optional<std::string>> kept_setting(store::Connection& connection, std::string_view name) {
  return store::query_text(connection, "SELECT value FROM salience_settings WHERE name = $1", {name});
}

Status keep_setting(store::Connection& connection, std::string_view name, std::string_view value) {
  return store::run(
      connection,
      "INSERT INTO salience_settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE "
      "SET value = excluded.value",
      {name, value});
}

bool is_own_fact(const model::Event& event) {
  return event.kind == model::EventKind::fact && event.error.empty() && is_fact(event.type);
}

}  // namespace

Result<std::optional<EventId>> ledger_mark(store::Connection& connection) {
  LINNET_TRY(
      const auto position,
      store::query_integer(connection, "SELECT position FROM projection_marks WHERE name = 'salience'"));
  return position ? std::optional(EventId(*position)) : std::optional<EventId>();
}

Status set_ledger_mark(store::Connection& connection, EventId event) {
  return store::run(
      connection,
      "INSERT INTO projection_marks (name, position) VALUES ('salience', $1) ON CONFLICT (name) "
      "DO UPDATE SET position = excluded.position",
      {event.value()});
}

void LedgerWriter::forget() {
  topics_.forget();
  reckoner_.forget();
  is_prepared_ = false;
}

Status LedgerWriter::prepare(store::Connection& connection) {
  topics_.make_room();
  if (is_prepared_) return {};
  LINNET_TRY(const auto text, kept_setting(connection, kSettingsName));
  LINNET_TRY(auto settings, parse_salience_settings(text.value_or("")));
  topics_.forget();
  ledger_.set(std::move(settings));
  is_prepared_ = true;
  return {};
}

// Facts have their place among what happened: what is before them is written first.
Status LedgerWriter::apply(store::Connection& connection, std::span<const model::Event> events,
                           std::span<const Happening> happenings) {
  LINNET_CHECK(prepare(connection));
  while (true) {
    const auto fact = std::find_if(events.begin(), events.end(), is_own_fact);
    const auto before = static_cast<std::size_t>(fact - events.begin());
    std::vector<Occasion> occasions;
    LINNET_CHECK(reckon(connection, events.first(before), happenings, occasions));
    LINNET_CHECK(apply_occasions(connection, occasions));
    if (fact == events.end()) return {};
    LINNET_CHECK(apply_fact(connection, *fact));
    events = events.subspan(before + 1);
  }
}

Status LedgerWriter::reckon(store::Connection& connection, std::span<const model::Event> events,
                            std::span<const Happening>& happenings, std::vector<Occasion>& occasions) {
  std::vector<const Happening*> of_event;
  for (const auto& event : events) {
    LINNET_CHECK(reckoner_.saw(connection, ledger_.settings(), event));
    of_event.clear();
    while (!happenings.empty() && happenings.front().event == event.id) {
      of_event.push_back(&happenings.front());
      happenings = happenings.subspan(1);
    }
    if (of_event.empty()) continue;
    LINNET_TRY(auto occasion, reckoner_.reckon(connection, ledger_.settings(), of_event));
    if (!occasion.earnings.empty()) occasions.push_back(std::move(occasion));
  }
  return {};
}

Status LedgerWriter::apply_occasions(store::Connection& connection, const std::vector<Occasion>& occasions) {
  if (occasions.empty()) return {};
  LINNET_CHECK(topics_.load(connection, occasions));
  for (const auto& occasion : occasions) ledger_.apply(occasion);
  return write(connection, occasions);
}

// Of events whose topics had no room, nothing is kept.
Status LedgerWriter::write(store::Connection& connection, const std::vector<Occasion>& occasions) {
  store::RowBatch causes(4);
  auto occasion = occasions.begin();
  std::int64_t last = 0;
  for (const auto& entry : ledger_.entries()) {
    if (entry.event == last) continue;
    last = entry.event;
    while (occasion->event.value() != entry.event) ++occasion;
    causes.add_row(entry.event, to_micros(occasion->at), std::string_view(occasion->reason), occasion->hash);
  }
  if (!causes.empty()) LINNET_CHECK(connection.insert_many(kInsertCauses, causes));
  return topics_.write(connection);
}

Status LedgerWriter::write_cause(store::Connection& connection, const model::Event& event,
                                 std::string_view reason) {
  if (ledger_.entries().empty()) return {};
  store::RowBatch causes(4);
  causes.add_row(event.id.value(), to_micros(event.received_at), reason,
                 hash_of_cause({event.type, event.fact}));
  return connection.insert_many(kInsertCauses, causes);
}

Status LedgerWriter::apply_fact(store::Connection& connection, const model::Event& event) {
  LINNET_TRY(const auto fact, read_fact(event.type, event.fact));
  return std::visit([&](const auto& one) { return apply_to(connection, event, one); }, fact);
}

Status LedgerWriter::apply_to(store::Connection& connection, const model::Event& /*event*/,
                              const SettingsChanged& fact) {
  LINNET_TRY(auto settings, parse_salience_settings(fact.settings));
  LINNET_CHECK(keep_setting(connection, kSettingsName, to_text(settings)));
  forget();
  return prepare(connection);
}

// A day is counted once, whoever says that it ended.
Status LedgerWriter::apply_to(store::Connection& connection, const model::Event& event,
                              const DayEnded& fact) {
  LINNET_TRY(const auto last, kept_setting(connection, kDayName));
  if (last && fact.day <= *last) return {};
  LINNET_CHECK(keep_setting(connection, kDayName, fact.day));
  const auto end = *parse_iso8601(fact.day) + std::chrono::days(1);
  const auto idle = std::chrono::days(ledger_.settings().numbers.idle_days / kOne);
  for (std::int64_t after = 0;;) {
    LINNET_TRY(const auto topics, topics_.load_idle(connection, end - idle, after, kIdleAtOnce));
    if (topics.empty()) return {};
    after = topics.back()->number;
    for (auto* const topic : topics) ledger_.decay(*topic, event.id.value());
    LINNET_CHECK(write_cause(connection, event, fact.day));
    LINNET_CHECK(topics_.write(connection));
    topics_.make_room();
  }
}

Status LedgerWriter::apply_to(store::Connection& connection, const model::Event& event, const Spent& fact) {
  LINNET_CHECK(topics_.load(connection, {fact.topic}));
  auto* const topic = ledger_.find(fact.topic);
  if (topic == nullptr) return {};
  ledger_.spend(*topic, fact.tokens, event.id.value());
  LINNET_CHECK(write_cause(connection, event, fact.run));
  return topics_.write(connection);
}

Status LedgerWriter::apply_to(store::Connection& connection, const model::Event& event, const Reset& fact) {
  LINNET_CHECK(topics_.load(connection, fact.topics));
  for (const auto& key : fact.topics)
    if (auto* const topic = ledger_.find(key)) ledger_.reset(*topic, event.id.value());
  LINNET_CHECK(write_cause(connection, event, fact.reason));
  return topics_.write(connection);
}

Status LedgerWriter::apply_to(store::Connection& connection, const model::Event& event,
                              const SubjectsNamed& fact) {
  std::vector<Occasion> occasions(1);
  occasions[0] = {event.id, event.received_at, fact.run, hash_of_cause({event.type, event.fact}), {}};
  add_subjects(ledger_.settings(), fact.server, fact.subjects, occasions[0]);
  return apply_occasions(connection, occasions);
}

Status LedgerWriter::apply_to(store::Connection& connection, const model::Event& event,
                              const DirectMessage& fact) {
  std::vector<Occasion> occasions(1);
  occasions[0] = {event.id, event.received_at, fact.reason, hash_of_cause({event.type, event.fact}), {}};
  add_direct_message(ledger_.settings(), fact.user, occasions[0]);
  return apply_occasions(connection, occasions);
}

}  // namespace linnet::salience
