// Which of what was understood before is worth being told again.
#pragma once

#include <vector>

#include "base/enum_names.hpp"
#include "reflect/insight.hpp"

namespace linnet::reflect {

// How many of the newest and how many of the weightiest: 80 and 20 of a hundred, 50 and 50, 30 and 70; of
// `comprehensive` as `balanced`, and as many again.
enum class Profile { recent, balanced, deep, comprehensive };
BOOST_DESCRIBE_ENUM(Profile, recent, balanced, deep, comprehensive)

// What a person said of it counts first, then how sure and how important it was said to be.
double weight_of(const Insight& insight);

// Pure: those that people pinned, then the newest and the weightiest, at most `limit` (of `comprehensive`
// twice as many), at least one of each kind where `limit` is two or more. Newest first among each.
std::vector<Insight> choose_insights(std::vector<Insight> found, Profile profile, std::size_t limit);

}  // namespace linnet::reflect
