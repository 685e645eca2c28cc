// The settings of an account that acts, described for the API's document.
#pragma once

#include <vector>

#include "govern/account_settings.hpp"
#include "store/record/entity.hpp"

namespace linnet::govern {

// The quiet hours of each day.
struct HoursOfWeek {
  std::array<std::vector<std::int64_t>, 7> days;
};

// What may be changed of it, all of it optional: the schema of parse_account_settings.
boost::json::object account_settings_change();

}  // namespace linnet::govern

namespace linnet::record {

template <>
const Entity& entity_of<govern::HourlyLimits>();
template <>
const Entity& entity_of<govern::AutoApprove>();
template <>
const Entity& entity_of<govern::Cooldowns>();
template <>
const Entity& entity_of<govern::HoursOfWeek>();
template <>
const Entity& entity_of<govern::QuietHours>();
template <>
const Entity& entity_of<govern::AccountSettings>();

}  // namespace linnet::record
