#include "base/json_members.hpp"

#include <utility>

namespace linnet {

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

std::optional<json::object> maybe_object(std::string_view text) {
  boost::system::error_code code;
  auto value = json::parse(text, code);
  if (code || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

json::object parse_object(std::string_view text) {
  return maybe_object(text).value_or(json::object());
}

}  // namespace linnet
