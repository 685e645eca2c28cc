// Takes a person out of everything that was observed: the event log and the tables made from it.
#pragma once

#include "observe/person.hpp"
#include "store/writer.hpp"

namespace linnet::observe {

struct ObservedErasure {
  std::int64_t events = 0;     // lines of the log that were blanked or rewritten
  std::int64_t posts = 0;      // of theirs
  std::int64_t versions = 0;   // of those, earlier ones
  std::int64_t boosts = 0;     // of their posts by others, which point at nothing now
  std::int64_t replies = 0;    // to them by others
  std::int64_t mentions = 0;   // of them by others
  std::vector<Instant> hours;  // in which posts of theirs stood, ascending
};

// What would go; the log is not read for it, so `events` stays 0.
Result<ObservedErasure> count_observed(store::Connection& connection, const Person& person);

// Erases the person from the log first, then from the tables, in short transactions with room for others in
// between; broken off, it can be run again. `beside` is done in the last of them. What remains to be done is
// kept with it, and done at the end as far as it is the search index; see erasure_leftovers.hpp. Afterwards a
// replay gives what the tables hold, figures are those of what is left, and projectors in this and other
// processes forget what they remembered. Words of others stay, also where they name the person.
Result<ObservedErasure> erase_observed(store::Database& database, store::Writer& writer, const Person& person,
                                       const store::Writer::Work& beside = {});

}  // namespace linnet::observe
