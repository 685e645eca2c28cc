// A person's data as a whole: found, exported, erased; what was observed of them and what was done to them.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret_box.hpp"
#include "govern/blocklist.hpp"
#include "observe/person_erasure.hpp"

namespace linnet::act {

// By address (see observe::find_person), also people known by conversations, actions, consents or the
// blocklist alone, and accounts of Linnet's own user. Where no known server has shown them, their account is
// on none. `not_found` when nobody has the address.
Result<observe::Person> find_person(store::Connection& connection, std::string_view address);
// The same; `conflict` when it is an account of Linnet's own user.
Result<observe::Person> find_person_to_erase(store::Connection& connection, std::string_view address);

struct PersonErasure {
  observe::ObservedErasure observed;
  std::int64_t actions = 0;    // that reached them; what they reached was taken out
  std::int64_t cancelled = 0;  // of those, pending ones
  std::int64_t under_way = 0;  // in progress or unknown: they go as soon as they are settled
  std::int64_t messages = 0;
  std::int64_t insights = 0;   // about them, or made of anything of theirs: the latter are made anew
  std::int64_t summaries = 0;  // daily summaries that named them, made again without them
  // Of the tables whose description finds theirs (person_rows.hpp), by name.
  std::map<std::string_view, std::int64_t> rows;
  [[nodiscard]] std::int64_t consents() const { return of("consents"); }
  // Entries of the blocklist, which go on as fingerprints.
  [[nodiscard]] std::int64_t blocks() const { return of("blocklist_entries"); }

 private:
  [[nodiscard]] std::int64_t of(std::string_view table) const {
    const auto found = rows.find(table);
    return found == rows.end() ? 0 : found->second;
  }
};

// What would go.
Result<PersonErasure> count_person(store::Connection& connection, const observe::Person& person);

// Erases the person everywhere but in backups, and in the audit trail, whose entries hold ids and no content.
// They are not dealt with any more: a salted fingerprint remains of them. Words of others stay. Broken off,
// it can be run again; where they are not found any more, finish_erasures does the rest. `actor` goes into
// the audit trail.
Result<PersonErasure> erase_person(store::Database& database, store::Writer& writer, Clock& clock,
                                   govern::Blocklist& blocklist, const observe::Person& person,
                                   const std::string& actor);
// Does what erasures that were broken off have left to do; one look where there is nothing.
Status finish_erasures(store::Database& database, store::Writer& writer, Clock& clock);

}  // namespace linnet::act
