// The ledger's topics in the tables: what one batch needs of them is loaded, what it changed is written.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "observe/kept_sum.hpp"
#include "observe/salience/ledger.hpp"
#include "store/connection.hpp"

namespace linnet::salience {

// Entries of a topic to a row of salience_pages.
constexpr std::int64_t kEntriesOfPage = 64;
// Adds one as it stands there.
void append_packed(std::string& text, std::int64_t place, Amount amount);

// That topic_balances is what the ledger adds up to.
const observe::KeptSum& balances_sum();

// Remembers the topics that it loaded, up to a number of them. Not thread-safe; after a failed transaction
// call forget().
class TopicStore {
 public:
  explicit TopicStore(Ledger& ledger) : ledger_(ledger) {}

  // What the occasions touch directly, what those belong to, and what belongs to them.
  Status load(store::Connection& connection, const std::vector<Occasion>& occasions);
  Status load(store::Connection& connection, const std::vector<std::string>& keys);
  // Topics that have something and did not earn since `before`, by their numbers from `after` on; returns
  // them.
  Result<std::vector<Topic*>> load_idle(store::Connection& connection, Instant before, std::int64_t after,
                                        std::int64_t most);
  // New topics, entries, balances. The causes are the caller's to write.
  Status write(store::Connection& connection);
  // Forgets where there is too much; not between load() and write().
  void make_room();
  void forget();

 private:
  using Keys = std::vector<std::string>;
  Status load_missing(store::Connection& connection, Keys keys);
  Status load_rows(store::Connection& connection, const Keys& keys);
  Status load_numbers(store::Connection& connection, const std::vector<std::int64_t>& numbers);
  Status load_members(store::Connection& connection, Topic& owner);
  Status number_new_topics(store::Connection& connection);
  Status write_entries(store::Connection& connection);
  Topic& take(const store::Statement& row);
  Topic* at(std::int64_t number);

  Ledger& ledger_;
  std::unordered_map<std::int64_t, Topic*> by_number_;
  std::unordered_set<std::string> absent_;  // keys that were looked for in this batch
  std::int64_t next_number_ = 0;            // 0: not known
};

}  // namespace linnet::salience
