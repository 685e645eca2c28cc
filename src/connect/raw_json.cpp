#include "connect/raw_json.hpp"

namespace linnet::connect {

namespace ondemand = simdjson::ondemand;

std::string_view without_space_behind(std::string_view text) {
  const auto end = text.find_last_not_of(" \t\r\n");
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end + 1);
}

ondemand::field taken(simdjson::simdjson_result<ondemand::field>&& item) {
  ondemand::field field;
  if (const auto error = std::move(item).get(field)) throw simdjson::simdjson_error(error);
  return field;
}

std::string_view raw_json(ondemand::value value) {
  switch (value.type().value()) {
    case ondemand::json_type::object:
      return without_space_behind(value.get_object().value().raw_json().value());
    case ondemand::json_type::array:
      return without_space_behind(value.get_array().value().raw_json().value());
    default:
      return without_space_behind(value.raw_json_token());
  }
}

}  // namespace linnet::connect
