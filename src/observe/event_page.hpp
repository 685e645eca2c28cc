// An event of the log with what came in, for people to look at.
#pragma once

#include <boost/json/value.hpp>

#include "observe/log_list.hpp"

namespace linnet::observe {

struct EventPage {
  LoggedItem item;
  boost::json::value payload;              // null: it is not shown, or no JSON
  std::optional<std::string> payload_raw;  // what is no JSON
  std::optional<std::string> withheld;     // why it is not shown
};

// Which post an event for few is about, and what was odd in it, is for those who may see all.
LoggedItem for_everyone(LoggedItem item);

// What only followers see is not for everybody who may read; nor is what names it alone, as a deletion does.
enum class EventSight { everybody, trail, all };
// `not_found`.
Result<EventPage> event_page(store::Connection& connection, EventId id, EventSight sight);

}  // namespace linnet::observe

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::observe::EventPage>();
