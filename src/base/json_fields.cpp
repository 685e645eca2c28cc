#include "base/json_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"

namespace linnet {

namespace json = boost::json;

Result<json::object> parse_json_object(std::string_view what, std::string_view text) {
  if (trim(text).empty()) return json::object();
  boost::system::error_code code;
  auto value = json::parse({text.data(), text.size()}, code);
  if (code) return invalid(fmt::format("{}: expected a JSON object, got no JSON: {}", what, code.message()));
  if (!value.is_object()) return invalid(fmt::format("{}: expected a JSON object", what));
  return std::move(value.as_object());
}

const json::value* JsonFields::find(std::string_view name) {
  known_.emplace_back(name);
  return object_.if_contains(name);
}

Error JsonFields::wrong(std::string_view name, std::string_view expected, const json::value& got) const {
  return invalid(fmt::format("{}{}: expected {}, got {}", path_, name, expected,
                             truncate_utf8(json::serialize(got), 80)));
}

Status JsonFields::integer(std::string_view name, std::int64_t& into, std::int64_t least, std::int64_t most) {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!value->is_int64() || value->as_int64() < least || value->as_int64() > most)
    return wrong(name, fmt::format("a whole number from {} to {}", least, most), *value);
  into = value->as_int64();
  return {};
}

Status JsonFields::flag(std::string_view name, bool& into) {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!value->is_bool()) return wrong(name, "true or false", *value);
  into = value->as_bool();
  return {};
}

Status JsonFields::text(std::string_view name, std::string& into, std::size_t most) {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!value->is_string()) return wrong(name, "a text", *value);
  LINNET_CHECK(check_length(path_ + std::string(name), std::string_view(value->as_string()), most));
  into = std::string_view(value->as_string());
  return {};
}

Status JsonFields::time(std::string_view name, std::optional<Instant>& into) {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (value->is_null()) {
    into.reset();
    return {};
  }
  if (!value->is_string() || !parse_iso8601(std::string_view(value->as_string())))
    return wrong(name, "a time such as 2026-08-01T09:00:00Z", *value);
  LINNET_TRY(into, parse_zoned_instant(path_ + std::string(name), std::string_view(value->as_string())));
  return {};
}

Status JsonFields::texts(std::string_view name, std::vector<std::string>& into, std::size_t most) {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!value->is_array()) return wrong(name, "a list of texts", *value);
  if (value->as_array().size() > most)
    return invalid(
        fmt::format("{}{}: expected at most {} texts, got {}", path_, name, most, value->as_array().size()));
  into.clear();
  for (const auto& item : value->as_array()) {
    if (!item.is_string()) return wrong(name, "a list of texts", *value);
    LINNET_CHECK(check_length(path_ + std::string(name), std::string_view(item.as_string()), kLongestWord));
    into.emplace_back(std::string_view(item.as_string()));
  }
  return {};
}

Status JsonFields::integers(std::string_view name, std::vector<std::int64_t>& into, std::int64_t least,
                            std::int64_t most) {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  const auto expected = fmt::format("a list of whole numbers from {} to {}", least, most);
  if (!value->is_array()) return wrong(name, expected, *value);
  into.clear();
  for (const auto& item : value->as_array()) {
    if (!item.is_int64() || item.as_int64() < least || item.as_int64() > most)
      return wrong(name, expected, *value);
    into.push_back(item.as_int64());
  }
  return {};
}

Status JsonFields::object(std::string_view name, const std::function<Status(JsonFields&)>& read) {
  const auto* const value = find(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_object()) return wrong(name, "an object", *value);
  JsonFields inner(value->as_object(), path_ + std::string(name) + ".");
  LINNET_CHECK(read(inner));
  return inner.nothing_else();
}

Status JsonFields::objects(std::string_view name, const std::function<Status(JsonFields&)>& read) {
  const auto* const value = find(name);
  if (value == nullptr) return {};
  if (!value->is_array()) return wrong(name, "a list of objects", *value);
  std::size_t number = 0;
  for (const auto& item : value->as_array()) {
    if (!item.is_object()) return wrong(name, "a list of objects", *value);
    JsonFields inner(item.as_object(), fmt::format("{}{}[{}].", path_, name, number++));
    LINNET_CHECK(read(inner));
    LINNET_CHECK(inner.nothing_else());
  }
  return {};
}

bool JsonFields::is_null(std::string_view name) const {
  const auto* const value = object_.if_contains(name);
  return value != nullptr && value->is_null();
}

Status JsonFields::nothing_else() const {
  for (const auto& member : object_) {
    if (std::find(known_.begin(), known_.end(), member.key()) != known_.end()) continue;
    return invalid(fmt::format("{}{}: not known here; expected {}", path_,
                               std::string_view(member.key()).substr(0, 60),
                               known_.empty() ? "nothing" : fmt::format("{}", fmt::join(known_, ", "))));
  }
  return {};
}

}  // namespace linnet
