// Members of a JSON object that may hold anything: what is not there, or of another type, reads as nothing.
#pragma once

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace linnet {

// The text of the member, as long as the object lives; empty where there is none.
std::string_view text_view_in(const boost::json::object& object, std::string_view name);
inline std::string text_in(const boost::json::object& object, std::string_view name) {
  return std::string(text_view_in(object, name));
}
// Some servers write ids as numbers.
std::string text_or_number_in(const boost::json::object& object, std::string_view name);
// Null where there is none.
const boost::json::object* object_in(const boost::json::object& object, std::string_view name);
const boost::json::array* list_in(const boost::json::object& object, std::string_view name);

// What the text says, where it is an object and nothing else.
std::optional<boost::json::object> maybe_object(std::string_view text);
// Empty for what is no JSON, or no object.
boost::json::object parse_object(std::string_view text);

}  // namespace linnet
