// The blocklist as it is kept: the table, the opt-outs, and the matcher made from them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "govern/blocklist_matcher.hpp"
#include "govern/person_key.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

struct BlocklistQuery {
  std::string text;  // within the value
  std::optional<EntryType> type;
  std::optional<AddedBy> added_by;
  std::int64_t limit = 100;
  std::string after;  // id: the page behind it
};

// Thread-safe. What it writes stands in the audit trail, and counts from the moment a call returns; what
// other processes write, within half a second.
class Blocklist {
 public:
  // All outlive the list.
  Blocklist(store::Database& database, store::Writer& writer, Clock& clock);

  // Adds what is not there yet; returns it as it is kept. One like it that has expired is replaced, one that
  // ends earlier goes on as long as this one. `invalid` names the field.
  Result<BlocklistEntry> add(BlocklistEntry entry);
  // Returns how many were new or go on for longer.
  Result<std::size_t> add_all(const std::vector<BlocklistEntry>& entries);
  // An opt-out can be taken back only by the person: `denied` unless `by_the_person`.
  Status remove(const std::string& id, const std::string& actor, bool by_the_person = false);
  Result<std::vector<BlocklistEntry>> list(const BlocklistQuery& query);
  Result<std::vector<BlocklistEntry>> all();

  // A person does not want to be dealt with: at once, for good. What is pending for them is cancelled.
  // Returns how many actions that were. Said again, it changes nothing. `invalid`: see read_person.
  Result<std::int64_t> opt_out(const PersonKey& person, const std::string& how, const std::string& actor);
  // The person takes it back, as `evidence` shows: also what outlived an erasure. `not_found` where they have
  // not opted out; what their profile says (#nobot) is theirs to change.
  Status take_back_opt_out(const PersonKey& person, const std::string& evidence, const std::string& actor);
  // The opt-out in the form that outlives an erasure.
  Status keep_fingerprint(const PersonKey& person);

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
    std::uint64_t generation = 0;  // grows with what this process writes
    std::int64_t mark = -1;
    std::optional<Instant> looked_at;
    std::string salt;
    std::shared_ptr<const BlocklistMatcher> matcher;
  };
  Result<Cached> current();
  // Writes, then has the next check look whether the list changed.
  Status write(const store::Writer::Work& work);
  Result<bool> is_fingerprinted(const BlockSubject& subject, const std::string& salt);

  store::Database& database_;
  store::Writer& writer_;
  Clock& clock_;
  Guarded<Cached> cached_;
};

}  // namespace linnet::govern
