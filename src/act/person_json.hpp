// What is handed out of a person, and what an erasure takes away, described for the API's document.
#pragma once

#include "act/person_erasure.hpp"
#include "store/record/entity.hpp"

namespace linnet::act {

boost::json::object to_json(const PersonErasure& erasure);

// In the shape of person_record(): each list holds rows as the tables have them.
struct PersonRecord {
  std::string address;
  Instant exported_at{};
  std::vector<boost::json::object> rows;
};

}  // namespace linnet::act

namespace linnet::record {

template <>
const Entity& entity_of<act::PersonErasure>();
template <>
const Entity& entity_of<act::PersonRecord>();

}  // namespace linnet::record
