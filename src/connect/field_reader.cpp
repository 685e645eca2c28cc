#include "connect/field_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "connect/sighting_text.hpp"

namespace linnet::connect {
namespace {

namespace ondemand = simdjson::ondemand;
using model::MaybeText;

constexpr std::int64_t kLargestCount = std::int64_t{1} << 53U;

ondemand::json_type type_of(ondemand::value value) {
  ondemand::json_type type{};
  return value.type().get(type) == simdjson::SUCCESS ? type : ondemand::json_type::null;
}

std::string_view name_of(ondemand::json_type type) {
  switch (type) {
    case ondemand::json_type::array:
      return "an array";
    case ondemand::json_type::object:
      return "an object";
    case ondemand::json_type::number:
      return "a number";
    case ondemand::json_type::string:
      return "text";
    case ondemand::json_type::boolean:
      return "true or false";
    case ondemand::json_type::null:
      return "null";
  }
  return "something unreadable";
}

std::string shown(ondemand::value value, std::string_view expected) {
  const auto type = type_of(value);
  // Text that stands where text should be is there, and wrong in itself.
  const bool is_broken = type == ondemand::json_type::string && expected.starts_with("text");
  return fmt::format("expected {}, got {}", expected, is_broken ? "text that is not valid" : name_of(type));
}

}  // namespace

std::string_view raw_key(ondemand::field& field) {
  const char* const begin = field.key().raw();
  const char* end = begin;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return {begin, static_cast<std::size_t>(end - begin)};
}

void FieldReader::leave_out(std::string_view field, std::string_view why) {
  if (left_out_.size() > kMostWords) return;
  const auto note = fmt::format("{}: {}", field, why);
  if (left_out_.find(note) != std::string::npos) return;
  if (!left_out_.empty()) left_out_ += "; ";
  left_out_ += note;
}

void FieldReader::leave_out(std::string_view field, std::string_view expected, Value got) {
  leave_out(field, shown(got, expected));
}

bool FieldReader::is_null(Value value) {
  return type_of(value) == ondemand::json_type::null;
}

MaybeText FieldReader::whole_number(Value value) {
  if (type_of(value) != ondemand::json_type::number) return {};
  auto token = value.raw_json_token();
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  const bool is_whole = std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_whole || token.empty()) return {};
  return arena_.copy(token);
}

FieldError FieldReader::required_id(std::string_view field, Value value, std::string_view& out) {
  const auto wrong = [&](std::string_view expected, std::string_view got) {
    return fmt::format("{}: expected {}, got {}", field, expected, got);
  };
  std::string_view text;
  if (const auto number = whole_number(value)) {
    text = *number;
  } else if (value.get_string().get(text) != simdjson::SUCCESS) {
    return fmt::format("{}: {}", field, shown(value, "text or a whole number"));
  }
  if (text.empty()) return wrong("an id", "empty text");
  if (text.size() > kLongestKey)
    return wrong(fmt::format("at most {} bytes", kLongestKey), fmt::format("{} bytes", text.size()));
  out = keep_text(arena_, text);
  return {};
}

MaybeText FieldReader::id(std::string_view field, Value value) {
  if (is_null(value)) return {};
  std::string_view out;
  if (const auto error = required_id(field, value, out)) {
    leave_out(field, std::string_view(*error).substr(field.size() + 2));
    return {};
  }
  return out;
}

MaybeText FieldReader::text(std::string_view field, Value value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return keep_text(arena_, text);
  if (!is_null(value)) leave_out(field, "text", value);
  return {};
}

std::optional<Instant> FieldReader::time(std::string_view field, Value value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    const auto time = parse_iso8601(text);
    if (!time && !text.empty()) leave_out(field, "expected an ISO 8601 time, got something else");
    return time;
  }
  if (!is_null(value)) leave_out(field, "a time", value);
  return {};
}

bool FieldReader::flag(std::string_view field, Value value) {
  bool is_true = false;
  if (value.get_bool().get(is_true) == simdjson::SUCCESS) return is_true;
  if (!is_null(value)) leave_out(field, "true or false", value);
  return false;
}

std::optional<std::int64_t> FieldReader::count(std::string_view field, Value value) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS && number >= 0 && number <= kLargestCount)
    return number;
  if (type_of(value) == ondemand::json_type::number) {
    if (number != -1) leave_out(field, "expected a count from 0 to 2^53, got another number");
  } else if (!is_null(value)) {
    leave_out(field, "a count", value);
  }
  return {};
}

bool FieldReader::array(std::string_view field, Value value, ondemand::array& out) {
  if (value.get_array().get(out) == simdjson::SUCCESS) return true;
  if (!is_null(value)) leave_out(field, "a list", value);
  return false;
}

bool FieldReader::object(std::string_view field, Value value, ondemand::object& out) {
  if (value.get_object().get(out) == simdjson::SUCCESS) return true;
  if (!is_null(value)) leave_out(field, "an object", value);
  return false;
}

}  // namespace linnet::connect
