#include "model/action.hpp"

#include <gtest/gtest.h>

#include <set>

namespace linnet::model {
namespace {

// Every pair that is legal; each of the 49 pairs is looked at.
TEST(ActionStatus, FollowsEachOtherOnlyAsListed) {
  using enum ActionStatus;
  const std::set<std::pair<ActionStatus, ActionStatus>> legal{
      {pending, in_progress}, {pending, skipped},    {pending, cancelled},   {pending, failed},
      {in_progress, success}, {in_progress, failed}, {in_progress, unknown}, {in_progress, pending},
      {in_progress, skipped}, {unknown, success},    {unknown, failed},      {unknown, pending}};
  for (int from = 0; from < kActionStatuses; ++from) {
    for (int to = 0; to < kActionStatuses; ++to) {
      const auto a = static_cast<ActionStatus>(from);
      const auto b = static_cast<ActionStatus>(to);
      EXPECT_EQ(may_follow(a, b), legal.contains({a, b})) << to_string(a) << " to " << to_string(b);
    }
  }
}

TEST(ActionStatus, IsFinalWhenNothingFollows) {
  for (int from = 0; from < kActionStatuses; ++from) {
    bool leads_on = false;
    for (int to = 0; to < kActionStatuses; ++to)
      leads_on = leads_on || may_follow(static_cast<ActionStatus>(from), static_cast<ActionStatus>(to));
    EXPECT_EQ(is_final(static_cast<ActionStatus>(from)), !leads_on);
  }
}

TEST(ActionNames, AreReadAsTheyAreWritten) {
  std::set<std::string_view> names;
  for (int i = 0; i < kActionTypes; ++i) {
    const auto type = static_cast<ActionType>(i);
    EXPECT_EQ(parse_action_type(to_string(type)), type);
    names.insert(to_string(type));
  }
  EXPECT_EQ(names.size(), kActionTypes);
  for (int i = 0; i < kActionStatuses; ++i)
    EXPECT_EQ(parse_action_status(to_string(static_cast<ActionStatus>(i))), static_cast<ActionStatus>(i));
  EXPECT_FALSE(parse_action_type("poke"));
  for (const auto name : {"dom_state_check", "reload_verify", "api_response", "attribute_change", "manual"})
    EXPECT_EQ(to_string(*parse_verification_method(name)), name);
}

}  // namespace
}  // namespace linnet::model
