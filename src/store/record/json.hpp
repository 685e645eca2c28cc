// A described record as JSON, read from JSON, and the schema of both.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "store/record/members.hpp"

namespace linnet::record {

// What is not private, in the order of the description.
template <Described T>
boost::json::object to_json(const T& record) {
  return detail::to_json(entity_of<T>(), &record);
}
template <Described T>
boost::json::array to_json(const std::vector<T>& records) {
  boost::json::array list;
  for (const auto& record : records) list.push_back(to_json(record));
  return list;
}

// A member that is absent leaves the record as it is. `invalid` names the field, what was expected and what
// was given; so for a required one that is absent, and for a member that is not known.
template <Described T>
Status from_json(const boost::json::object& given, T& record) {
  return detail::from_json(entity_of<T>(), given, {}, &record);
}

// In an answer every member is there; in a request those that are required, and no other than those known.
enum class Use { answer, request };
boost::json::object schema_of(const Entity& entity, Use use);
boost::json::object reference_for(const Entity& entity, Use use);
// That of the entity and of all that it holds, under their names.
void add_schemas(const Entity& entity, Use use, boost::json::object& into);

}  // namespace linnet::record
