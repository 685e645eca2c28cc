// The rules of the ledger, over topics that are in memory («The ledger»): what an occasion changes, what
// decays, what thinking about a topic costs it. Pure: whoever uses it loads topics before and writes entries
// after.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "observe/salience/entry.hpp"
#include "observe/salience/occasion.hpp"

namespace linnet::salience {

// Topics belong to others (owners_of): a topic's related ones are what it belongs to and what belongs to it.
struct Topic {
  std::int64_t number = 0;  // of its row
  std::string key;
  Category category = Category::self;
  bool is_global = false;
  Instant created_at{};
  std::int64_t servers = 0;  // of a user of all servers: in how many they were active
  std::array<Topic*, 3> owners{};

  Amount balance = 0;
  std::int64_t entries = 0;
  std::int64_t written = 0;       // entries that there ever were
  std::int64_t earned_place = 0;  // where in the log it last earned by itself; 0: it never did
  Instant earned_at{};

  // What belongs to it, warm ones alone, the last that earned first.
  struct Links {
    Topic* before = nullptr;
    Topic* behind = nullptr;
    bool is_in = false;
  };
  std::array<Links, 3> links{};  // in the list of each owner
  Topic* newest = nullptr;
  Topic* oldest = nullptr;
  bool has_members = false;  // the list is there; else it must be loaded before the topic earns

  bool is_stored = false;
  bool is_changed = false;
  bool is_rearranged = false;  // its owners or servers are others than in its row
  Amount stored_balance = 0;
  std::int64_t stored_entries = 0;

  // Its entries of the event that is being applied, by kind.
  std::int64_t open_event = 0;
  std::array<std::int32_t, 4> open{};
};

struct Entry {
  Topic* topic = nullptr;
  std::int64_t event = 0;
  EntryKind kind = EntryKind::earn;
  Amount amount = 0;
};

// Not thread-safe. Topics stay where they are until forget().
class Ledger {
 public:
  explicit Ledger(Settings settings = {}) : settings_(std::move(settings)) {}

  [[nodiscard]] const Settings& settings() const { return settings_; }
  // Whatever was in memory may be warm or cold by other numbers now: forgets it.
  void set(Settings settings);

  Topic* find(std::string_view key);
  // Makes it where it is not there, with what it belongs to; `owner` of a thread.
  Topic& topic(std::string_view key, Instant seen_at, std::string_view owner = {});
  // One that stands in the tables; its owners must have been given before.
  Topic& add_stored(Topic topic);
  // The next behind what was given before: the last that earned comes first.
  void append_member(Topic& owner, Topic& member);

  void apply(const Occasion& occasion);
  // What a topic loses in a day on which nothing happens. Returns whether it lost anything.
  bool decay(Topic& topic, std::int64_t event);
  // It was thought about, for so many tokens.
  void spend(Topic& topic, std::int64_t tokens, std::int64_t event);
  // All of its balance goes.
  void reset(Topic& topic, std::int64_t event);

  // Since the last call of settled(), in order.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] const std::vector<Topic*>& changed() const { return changed_; }
  // What was new or changed stands in the tables now.
  void settled();
  void forget();
  [[nodiscard]] std::size_t size() const { return topics_.size(); }

  [[nodiscard]] bool is_warm(const Topic& topic) const {
    return topic.balance > settings_.numbers.warm_above;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void note_change(Topic& topic);
  void add(Topic& topic, EntryKind kind, Amount amount);
  Amount add_up_to_cap(Topic& topic, EntryKind kind, Amount amount);
  void earn(Topic& topic, Amount amount, Topic* beside);
  void give_related(Topic& topic, Topic* beside, Amount propagated, Amount spilt);
  void mark_earned(Topic& topic);
  void warm_up(Topic& topic, bool is_first);
  void warm_dyad(Topic& dyad);
  void join(Topic& topic);
  void leave(Topic& topic);
  static void unlink(Topic& topic, std::size_t slot);
  static std::size_t slot_of(const Topic& member, const Topic& owner);

  Settings settings_;
  std::deque<Topic> all_;
  std::unordered_map<std::string_view, Topic*, Hash, std::equal_to<>> topics_;
  std::vector<Entry> entries_;
  std::vector<Topic*> changed_;
  std::vector<Topic*> related_;
  // The occasion that is being applied.
  std::int64_t event_ = 0;
  std::int64_t ordinal_ = 0;
  Instant at_{};
};

}  // namespace linnet::salience
