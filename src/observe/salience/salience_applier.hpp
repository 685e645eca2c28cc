// Applies events to the ledger of salience: what happened earns, Linnet's own facts take away.
#pragma once

#include <optional>

#include "observe/projection.hpp"
#include "observe/salience/facts.hpp"
#include "observe/salience/reckoner.hpp"
#include "observe/salience/topic_store.hpp"

namespace linnet::salience {

// The steps, for the projection and for making the ledger anew. Not thread-safe.
class LedgerWriter {
 public:
  // `happenings` of these events, in their order. Events follow each other in the log.
  Status apply(store::Connection& connection, std::span<const model::Event> events,
               std::span<const Happening> happenings);
  void forget();

 private:
  Status prepare(store::Connection& connection);
  Status reckon(store::Connection& connection, std::span<const model::Event> events,
                std::span<const Happening>& happenings, std::vector<Occasion>& occasions);
  Status apply_occasions(store::Connection& connection, const std::vector<Occasion>& occasions);
  Status apply_fact(store::Connection& connection, const model::Event& event);
  Status apply_to(store::Connection& connection, const model::Event& event, const SettingsChanged& fact);
  Status apply_to(store::Connection& connection, const model::Event& event, const DayEnded& fact);
  Status apply_to(store::Connection& connection, const model::Event& event, const Spent& fact);
  Status apply_to(store::Connection& connection, const model::Event& event, const Reset& fact);
  Status apply_to(store::Connection& connection, const model::Event& event, const SubjectsNamed& fact);
  Status apply_to(store::Connection& connection, const model::Event& event, const DirectMessage& fact);
  Status write(store::Connection& connection, const std::vector<Occasion>& occasions);
  Status write_cause(store::Connection& connection, const model::Event& event, std::string_view reason);

  Ledger ledger_;
  TopicStore topics_{ledger_};
  Reckoner reckoner_;
  bool is_prepared_ = false;
};

// How far the ledger is: the last event that it holds; nullopt where it must be made anew first.
Result<std::optional<EventId>> ledger_mark(store::Connection& connection);
Status set_ledger_mark(store::Connection& connection, EventId event);

}  // namespace linnet::salience
