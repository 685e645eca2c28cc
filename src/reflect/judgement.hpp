// What people say of insights: the next run of the layer is told (fetch_insights), and what they withdraw is
// shown nowhere any more. All of it within the caller's transaction, and in the audit trail.
#pragma once

#include <optional>
#include <string>

#include "reflect/insight.hpp"
#include "store/connection.hpp"

namespace linnet::reflect {

struct Judgement {
  std::optional<std::int64_t> rating;     // 1 to 5
  std::optional<std::string> correction;  // what it should say; empty: what it said is right after all
  std::optional<bool> is_pinned;          // it stays beyond its time, and is told to every run
};
// Of one that may be seen, is in force and has words. `not_found`, `conflict`, `invalid`.
Result<Insight> judge(store::Connection& connection, Scope most, const std::string& id,
                      const Judgement& judgement, const std::string& actor, Instant now);
// With what was made of it: none of that is shown any more. It keeps its words for those who look at its
// history.
Result<Insight> withdraw(store::Connection& connection, Scope most, const std::string& id,
                         const std::string& why, const std::string& actor, Instant now);

}  // namespace linnet::reflect
