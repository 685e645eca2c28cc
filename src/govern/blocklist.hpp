// The blocklist as it is kept: the table, the opt-outs, and the matcher made from them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "govern/blocklist_matcher.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

struct BlocklistQuery {
  std::string text;  // within the value
  std::optional<EntryType> type;
  std::int64_t limit = 100;
  std::string after;  // id: the page behind it
};

// Thread-safe.
class Blocklist {
 public:
  // All outlive the list.
  Blocklist(store::Database& database, store::Writer& writer, Clock& clock);

  // Adds what is not there yet; returns it as it is kept. `invalid` names the field.
  Result<BlocklistEntry> add(BlocklistEntry entry);
  // Returns how many were new.
  Result<std::size_t> add_all(const std::vector<BlocklistEntry>& entries);
  // An opt-out can be taken back only by the person: `denied` unless `by_the_person`.
  Status remove(const std::string& id, bool by_the_person = false);
  Result<std::vector<BlocklistEntry>> list(const BlocklistQuery& query);
  Result<std::vector<BlocklistEntry>> all();

  // A person does not want to be dealt with: at once, for good. What is pending for them is cancelled.
  // Returns how many actions that were.
  Result<std::int64_t> opt_out(const std::string& platform, const std::string& user_id,
                               const std::string& how);
  // The opt-out in the form that outlives an erasure.
  Status keep_fingerprint(const std::string& platform, const std::string& user_id);

  // What stands against it, in words; the matcher is made anew when this or another process changed the list.
  struct Hit {
    std::string entry_id;
    std::string reason;
    bool is_opt_out = false;
  };
  Result<std::optional<Hit>> check(const BlockSubject& subject, const std::string& profile);
  Result<std::vector<BlocklistEntry>> check_all(const BlockSubject& subject);

 private:
  struct Cached {
    std::int64_t mark = -1;
    Instant looked_at{};
    std::string salt;
    std::shared_ptr<const BlocklistMatcher> matcher;
  };
  Result<Cached> current();
  Status insert(store::Connection& connection, const BlocklistEntry& entry, bool& is_new);

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  Guarded<Cached> cached_;
};

}  // namespace linnet::govern
