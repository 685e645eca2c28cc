#include "connect/discord/dispatch_fields.hpp"

#include <fmt/format.h>

#include <charconv>

#include "connect/discord/snowflake.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect::discord {

using model::MaybeText;
using simdjson::SUCCESS;
namespace dom = simdjson::dom;

std::optional<dom::element> DispatchFields::find(const Object& object, std::string_view name) {
  dom::element value;
  if (object.at_key(name).get(value) != SUCCESS || value.is_null()) return {};
  return value;
}

void DispatchFields::leave_out(std::string_view name, std::string_view expected) {
  constexpr std::size_t kMostWords = 500;
  if (left_out_.size() > kMostWords) return;
  const auto note = fmt::format("{}: expected {}, got something else", name, expected);
  if (left_out_.find(note) != std::string::npos) return;
  left_out_ += (left_out_.empty() ? "" : "; ") + note;
}

std::string_view DispatchFields::keep(std::string_view text) {
  return keep_text(arena_, text);
}

MaybeText DispatchFields::id(const Object& object, std::string_view name) {
  const auto value = find(object, name);
  if (!value) return {};
  std::string_view written;
  std::uint64_t number = 0;
  if (value->get_string().get(written) == SUCCESS && is_snowflake(written)) return keep(written);
  if (value->get_uint64().get(number) == SUCCESS && number > 0) return keep(std::to_string(number));
  leave_out(name, "a snowflake");
  return {};
}

MaybeText DispatchFields::text(const Object& object, std::string_view name) {
  const auto value = find(object, name);
  std::string_view written;
  if (value && value->get_string().get(written) == SUCCESS) return keep(written);
  if (value) leave_out(name, "text");
  return {};
}

std::optional<Instant> DispatchFields::time(const Object& object, std::string_view name) {
  const auto value = find(object, name);
  if (!value) return {};
  std::string_view written;
  const auto at = value->get_string().get(written) == SUCCESS ? parse_iso8601(written) : std::nullopt;
  if (!at) leave_out(name, "an ISO 8601 time");
  return at;
}

std::optional<std::int64_t> DispatchFields::number(const Object& object, std::string_view name) {
  const auto value = find(object, name);
  std::int64_t count = 0;
  if (value && value->get_int64().get(count) == SUCCESS && count >= 0) return count;
  if (value) leave_out(name, "a whole number");
  return {};
}

bool DispatchFields::flag(const Object& object, std::string_view name) {
  const auto value = find(object, name);
  bool is_true = false;
  if (value && value->get_bool().get(is_true) != SUCCESS) leave_out(name, "true or false");
  return is_true;
}

std::optional<dom::object> DispatchFields::object(const Object& object, std::string_view name) {
  const auto value = find(object, name);
  dom::object inner;
  if (value && value->get_object().get(inner) == SUCCESS) return inner;
  if (value) leave_out(name, "an object");
  return {};
}

std::optional<dom::array> DispatchFields::list(const Object& object, std::string_view name) {
  const auto value = find(object, name);
  dom::array all;
  if (value && value->get_array().get(all) == SUCCESS) return all;
  if (value) leave_out(name, "a list");
  return {};
}

std::vector<std::string_view> DispatchFields::ids(const Object& object, std::string_view name) {
  std::vector<std::string_view> found;
  const auto all = list(object, name);
  if (!all) return found;
  for (const auto item : *all) {
    std::string_view id;
    if (item.get_string().get(id) == SUCCESS && is_snowflake(id)) found.push_back(keep(id));
  }
  return found;
}

std::optional<std::uint64_t> DispatchFields::bits(const Object& object, std::string_view name) {
  const auto value = find(object, name);
  if (!value) return {};
  std::string_view written;
  std::uint64_t number = 0;
  if (value->get_uint64().get(number) == SUCCESS) return number;
  if (value->get_string().get(written) == SUCCESS) {
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), number);
    if (error == std::errc() && end == written.data() + written.size()) return number;
  }
  leave_out(name, "a number as text");
  return {};
}

}  // namespace linnet::connect::discord
