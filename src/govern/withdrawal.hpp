// What layers made of something (`insights`, `llm_calls`) is found through lineage, however many insights lie
// in between, and is taken back when that may not be known any more. It stands here and not with the layers,
// so that whoever revokes a consent does it in the same transaction, by whichever door. All of it within the
// caller's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

// One account of a person, as lineage knows it.
struct PersonSource {
  InstanceId instance{};
  std::string platform;
  std::string host;
  std::string id;
};

// Who took it back, as it stands in the insight.
inline constexpr std::string_view kByConsent = "consent";
inline constexpr std::string_view kByErasure = "erasure";

// Made of direct messages of theirs that they do not agree to be read any more, directly or through other
// insights: their words go at once, also of those that were superseded or withdrawn. What was in force is to
// be made again of what remains. Returns how many lost their words.
Result<std::int64_t> withdraw_without_consent(store::Connection& connection, const PersonSource& person,
                                              Instant now);

// The same of all that was made of anything of theirs.
Result<std::int64_t> withdraw_all_of(store::Connection& connection, const PersonSource& person, Instant now);

// The same of these insights and what was made of them.
Result<std::int64_t> withdraw_with_what_followed(store::Connection& connection,
                                                 std::vector<std::string> insights, std::string_view by,
                                                 std::string_view why, Instant now);

// These and all that was made of them, each once.
Result<std::vector<std::string>> with_what_followed(store::Connection& connection,
                                                    std::vector<std::string> insights);

}  // namespace linnet::govern
