#include "connect/json_members.hpp"

#include <utility>

namespace linnet::connect {

namespace json = boost::json;

std::string_view text_view_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::string text_or_number_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value != nullptr && value->is_int64()) return std::to_string(value->get_int64());
  return text_in(object, name);
}

const json::object* object_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

const json::array* list_in(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

json::object parse_object(std::string_view body) {
  boost::system::error_code code;
  auto value = json::parse(body, code);
  return !code && value.is_object() ? std::move(value.get_object()) : json::object();
}

}  // namespace linnet::connect
