// A person in what layers made: counted, handed out and taken out. All that writes is to be called within a
// transaction.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>

#include "govern/withdrawal.hpp"

namespace linnet::reflect {

struct PersonInsights {
  std::int64_t about_them = 0;    // insights on a topic that is this person, or this person and another
  std::int64_t made_of_them = 0;  // others that were made of anything of theirs, or name them
};
Result<PersonInsights> count_insights_of(store::Connection& connection, const govern::PersonSource& person,
                                         std::string_view acct);
// Those about them that stand, without what names people of the house.
Status list_insights_of(store::Connection& connection, const govern::PersonSource& person,
                        boost::json::array& into);
// What is about them goes; what was made of them loses its words, and is made again of what remains. Of runs
// and lineage their ids go, too.
Status erase_insights_of(store::Connection& connection, const govern::PersonSource& person,
                         std::string_view acct, Instant now);

}  // namespace linnet::reflect
