#include "observe/salience/salience_projection.hpp"

#include <algorithm>

#include "observe/salience/erase_topics.hpp"
#include "observe/salience/salience_applier.hpp"
#include "store/record/sql.hpp"

namespace linnet::observe {
namespace {

using record::column;
using record::Number;
using record::OfPerson;
using record::Origin;
using record::Text;

class SalienceApplier final : public Applier {
 public:
  explicit SalienceApplier(const ProjectorOptions& options) : options_(options) {}

  Status apply(store::Connection& connection, std::span<const model::Event> events,
               ProjectedBatch& result) override;
  void forget() override {
    ledger_.forget();
    is_in_step_.reset();
  }

 private:
  Status look(store::Connection& connection, EventId first);

  ProjectorOptions options_;
  salience::LedgerWriter ledger_;
  std::optional<bool> is_in_step_;
  EventId holds_{};  // the last event that the ledger holds, where it is in step
};

// A ledger without a mark is in step where nothing came before: a new database, or a replay of all of the
// log.
Status SalienceApplier::look(store::Connection& connection, EventId first) {
  if (is_in_step_) return {};
  LINNET_TRY(const auto mark, salience::ledger_mark(connection));
  is_in_step_ = mark.has_value() || first.value() <= 1;
  holds_ = mark.value_or(EventId(0));
  return {};
}

Status SalienceApplier::apply(store::Connection& connection, std::span<const model::Event> events,
                              ProjectedBatch& result) {
  if (!options_.keeps_ledger || events.empty()) return {};
  LINNET_CHECK(look(connection, events.front().id));
  if (!*is_in_step_ || events.back().id <= holds_) return {};
  // What a replay of a part of the log applies once more, the ledger holds.
  const auto first_new = std::find_if(events.begin(), events.end(),
                                      [&](const model::Event& event) { return event.id > holds_; });
  std::stable_sort(result.happenings.begin(), result.happenings.end(),
                   [](const auto& one, const auto& other) { return one.event < other.event; });
  const auto first_happening =
      std::find_if(result.happenings.begin(), result.happenings.end(),
                   [&](const salience::Happening& one) { return one.event > holds_; });
  LINNET_CHECK(
      ledger_.apply(connection, events.subspan(static_cast<std::size_t>(first_new - events.begin())),
                    std::span(result.happenings)
                        .subspan(static_cast<std::size_t>(first_happening - result.happenings.begin()))));
  holds_ = events.back().id;
  return salience::set_ledger_mark(connection, holds_);
}

record::Entity of_topics(std::string_view table) {
  return {.table = table,
          .care = {.origin = Origin::log,
                   .person = OfPerson::in_code,
                   .condition = "observe/salience/erase_topics.cpp"}};
}

const std::vector<record::Entity>& salience_tables() {
  static const std::vector<record::Entity> tables{
      of_topics("salience_pages"),   of_topics("salience_causes"),
      of_topics("topic_balances"),   of_topics("topics"),
      of_topics("salience_holders"), {.table = "salience_settings", .care = {.origin = Origin::log}},
  };
  return tables;
}

const std::vector<DigestedRows>& digested_salience() {
  static const std::vector<DigestedRows> all{
      {1,
       {.name = "topics",
        .table =
            R"(topics x LEFT JOIN topics a ON a.id = x.first_owner LEFT JOIN topics b ON b.id = x.second_owner
                    LEFT JOIN topics c ON c.id = x.third_owner)",
        .fields = {column<Text>("key", "x.key"), column<Text>("category", "x.category"),
                   column<Number>("created_at", "x.created_at"), column<Text>("metadata", "x.metadata"),
                   column<Text>("first_owner", "a.key"), column<Text>("second_owner", "b.key"),
                   column<Text>("third_owner", "c.key"), column<Number>("servers", "x.servers")}}},
      // Not by its place: the same dump, taken in otherwise, has others.
      {5,
       {.name = "salience_pages",
        .table = "salience_ledger x JOIN topics t ON t.id = x.topic_id JOIN salience_causes c ON c.event = "
                 "x.place / 16",
        .fields = {column<Text>("key", "t.key"), column<Number>("created_at", "c.created_at"),
                   column<Number>("hash", "c.hash"), column<Number>("kind", "x.place % 16"),
                   column<Number>("amount", "x.amount")}}},
      {3,
       {.name = "salience_causes",
        .table = "salience_causes x",
        .fields = {column<Number>("created_at", "x.created_at"), column<Number>("hash", "x.hash"),
                   column<Text>("reason", "x.reason")}}},
      {1,
       {.name = "topic_balances",
        .table = "topic_balances x JOIN topics t ON t.id = x.topic_id",
        .fields = {column<Text>("key", "t.key"), column<Number>("entries", "x.entries"),
                   column<Number>("balance", "x.balance"), column<Number>("earned_at", "x.earned_at")}}},
      {2,
       {.name = "salience_holders",
        .table = "salience_holders x",
        .fields = {column<Text>("server_id", "x.server_id"), column<Text>("user_id", "x.user_id")}}},
      {1,
       {.name = "salience_settings",
        .table = "salience_settings x",
        .fields = {column<Text>("name", "x.name"), column<Text>("value", "x.value")}}},
  };
  return all;
}

const std::vector<const KeptSum*>& sums_of_salience() {
  static const std::vector<const KeptSum*> sums{&salience::balances_sum()};
  return sums;
}

constexpr Comparison kSalienceChecks[] = {
    {"every entry of the ledger has its topic and its cause",
     R"(SELECT count(*) FROM salience_ledger l WHERE NOT EXISTS (SELECT 1 FROM topics t WHERE t.id = l.topic_id)
          OR NOT EXISTS (SELECT 1 FROM salience_causes c WHERE c.event = l.place / 16))"},
    {"no topic has less than nothing", "SELECT count(*) FROM topic_balances WHERE balance < 0"},
};

}  // namespace

const Projection& salience_projection() {
  static const Projection salience{
      .name = "salience",
      .begin = [](const ProjectorOptions& options) -> std::unique_ptr<Applier> {
        return std::make_unique<SalienceApplier>(options);
      },
      .tables = salience_tables,
      .digested = digested_salience,
      .sums = sums_of_salience,
      .comparisons = kSalienceChecks,
      .count_account = count_topics,
      .forget_steps = forget_steps_of_topics(),
      .forget_account = forget_topics,
  };
  return salience;
}

}  // namespace linnet::observe
