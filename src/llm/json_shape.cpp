#include "llm/json_shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <optional>
#include <string>

#include "base/json_members.hpp"
#include "base/text.hpp"

namespace linnet::llm {
namespace {

namespace json = boost::json;

constexpr int kDeepest = 16;
constexpr int kMostPlaces = 30;  // where JSON may begin in an answer

constexpr std::array<std::string_view, 7> kTypes{"object",  "array",   "string", "number",
                                                 "integer", "boolean", "null"};
constexpr std::array<std::string_view, 8> kDescribing{"title",   "description", "default", "examples",
                                                      "$schema", "$comment",    "$id",     "version"};
constexpr std::array<std::string_view, 6> kNumbers{"minimum",   "maximum",  "minLength",
                                                   "maxLength", "minItems", "maxItems"};

template <typename Words>
bool is_among(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string shown(const json::value& value) {
  return std::string(truncate_utf8(json::serialize(value), 60));
}

Status check_part(const json::value& schema, const std::string& path, int depth);

Error odd(const std::string& path, std::string_view expected) {
  return invalid(fmt::format("schema{}: expected {}", path, expected));
}

Status check_parts(const json::value& parts, const std::string& path, int depth) {
  if (!parts.is_object()) return odd(path, "an object of schemas");
  for (const auto& [name, part] : parts.get_object())
    LINNET_CHECK(check_part(part, fmt::format("{}.{}", path, std::string_view(name)), depth));
  return {};
}

Status check_list(const json::value& parts, const std::string& path, int depth) {
  if (!parts.is_array() || parts.get_array().empty()) return odd(path, "a list of schemas");
  for (const auto& part : parts.get_array()) LINNET_CHECK(check_part(part, path, depth));
  return {};
}

Status check_word(std::string_view word, const json::value& value, const std::string& path, int depth) {
  const auto place = fmt::format("{}.{}", path, word);
  if (is_among(kDescribing, word) || word == "const") return {};
  if (word == "type") {
    return value.is_string() && is_among(kTypes, std::string_view(value.get_string()))
               ? Status()
               : odd(place, "the name of one type");
  }
  if (word == "properties") return check_parts(value, place, depth);
  if (word == "items") return check_part(value, place, depth);
  if (word == "anyOf") return check_list(value, place, depth);
  if (word == "additionalProperties") return value.is_bool() ? Status() : check_part(value, place, depth);
  if (word == "enum") return value.is_array() ? Status() : odd(place, "a list");
  if (is_among(kNumbers, word)) return value.is_number() ? Status() : odd(place, "a number");
  if (word == "required") {
    const bool is_list_of_names =
        value.is_array() && std::all_of(value.get_array().begin(), value.get_array().end(),
                                        [](const json::value& name) { return name.is_string(); });
    return is_list_of_names ? Status() : odd(place, "a list of names");
  }
  return invalid(fmt::format("schema{}: \"{}\" is not understood here; see docs/models.md for what is", path,
                             truncate_utf8(word, 60)));
}

Status check_part(const json::value& schema, const std::string& path, int depth) {
  if (depth > kDeepest) return odd(path, fmt::format("at most {} levels", kDeepest));
  if (!schema.is_object()) return odd(path, "an object");
  for (const auto& [word, value] : schema.get_object())
    LINNET_CHECK(check_word(word, value, path, depth + 1));
  return {};
}

bool is_of_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (!value.is_number()) return false;
  if (type == "number") return true;
  const auto number = value.to_number<double>();
  return std::floor(number) == number;
}

double bound(const json::object& schema, std::string_view name, double otherwise) {
  const auto* const value = schema.if_contains(name);
  return value == nullptr ? otherwise : value->to_number<double>();
}

// Whether the count or number lies within what two words of the schema say.
Status check_range(const json::object& schema, std::string_view least, std::string_view most, double number,
                   const std::string& path, std::string_view of) {
  const auto low = bound(schema, least, -HUGE_VAL);
  const auto high = bound(schema, most, HUGE_VAL);
  if (number >= low && number <= high) return {};
  return invalid(number < low ? fmt::format("{}: expected at least {}{}, got {}", path, low, of, number)
                              : fmt::format("{}: expected at most {}{}, got {}", path, high, of, number));
}

Status check_value(const json::object& schema, const json::value& value, const std::string& path);

Status check_object(const json::object& schema, const json::object& object, const std::string& path) {
  if (const auto* const required = list_in(schema, "required")) {
    for (const auto& name : *required) {
      if (!object.contains(name.get_string()))
        return invalid(fmt::format("{}: \"{}\" is missing", path, std::string_view(name.get_string())));
    }
  }
  const auto* const known = object_in(schema, "properties");
  const auto* const others = schema.if_contains("additionalProperties");
  for (const auto& [name, member] : object) {
    const auto place = fmt::format("{}.{}", path, truncate_utf8(name, 60));
    const auto* const its = known == nullptr ? nullptr : known->if_contains(name);
    if (its != nullptr) {
      LINNET_CHECK(check_value(its->get_object(), member, place));
    } else if (others != nullptr && others->is_object()) {
      LINNET_CHECK(check_value(others->get_object(), member, place));
    } else if (others != nullptr && !others->get_bool()) {
      return invalid(fmt::format("{}: is not asked for", place));
    }
  }
  return {};
}

Status check_array(const json::object& schema, const json::array& list, const std::string& path) {
  LINNET_CHECK(check_range(schema, "minItems", "maxItems", static_cast<double>(list.size()), path, " items"));
  const auto* const items = object_in(schema, "items");
  if (items == nullptr) return {};
  for (std::size_t i = 0; i < list.size(); ++i)
    LINNET_CHECK(check_value(*items, list[i], fmt::format("{}[{}]", path, i)));
  return {};
}

Status check_choice(const json::object& schema, const json::value& value, const std::string& path) {
  if (const auto* const only = schema.if_contains("const"); only != nullptr && *only != value)
    return invalid(fmt::format("{}: expected {}, got {}", path, shown(*only), shown(value)));
  if (const auto* const words = list_in(schema, "enum")) {
    if (std::find(words->begin(), words->end(), value) == words->end())
      return invalid(
          fmt::format("{}: expected one of {}, got {}", path, json::serialize(*words), shown(value)));
  }
  const auto* const ways = list_in(schema, "anyOf");
  if (ways == nullptr) return {};
  Status last;
  for (const auto& way : *ways) {
    last = check_value(way.get_object(), value, path);
    if (last) return last;
  }
  return last;
}

Status check_value(const json::object& schema, const json::value& value, const std::string& path) {
  const auto type = text_view_in(schema, "type");
  if (!type.empty() && !is_of_type(value, type))
    return invalid(fmt::format("{}: expected {}, got {}", path, type, shown(value)));
  LINNET_CHECK(check_choice(schema, value, path));
  if (value.is_object()) return check_object(schema, value.get_object(), path);
  if (value.is_array()) return check_array(schema, value.get_array(), path);
  if (value.is_string()) {
    if (std::string_view(value.get_string()).find('\0') != std::string_view::npos)
      return invalid(fmt::format("{}: expected text, got one that holds a NUL", path));
    return check_range(schema, "minLength", "maxLength",
                       static_cast<double>(count_code_points(std::string_view(value.get_string()))), path,
                       " characters");
  }
  if (value.is_number())
    return check_range(schema, "minimum", "maximum", value.to_number<double>(), path, "");
  return {};
}

// The JSON that begins there, whatever follows it.
std::optional<json::value> value_at(std::string_view text) {
  json::stream_parser parser;
  boost::system::error_code failed;
  parser.write_some(text.data(), text.size(), failed);
  if (failed || !parser.done()) return std::nullopt;
  return parser.release();
}

}  // namespace

Status check_schema(const json::object& schema) {
  return check_part(schema, "", 0);
}

Status check_against(const json::object& schema, const json::value& value) {
  return check_value(schema, value, "answer");
}

Result<json::value> read_json_answer(std::string_view text, const json::object& schema) {
  std::optional<Error> first_mistake;
  // A bare number or word is an answer only where it is all there is.
  boost::system::error_code failed;
  auto whole = json::parse(trim(text), failed);
  if (!failed) {
    const auto fits = check_against(schema, whole);
    if (fits) return whole;
    first_mistake = fits.error();
  }
  auto at = text.find_first_of("{[");
  for (int place = 0; at != std::string_view::npos && place < kMostPlaces; ++place) {
    if (auto value = value_at(text.substr(at))) {
      const auto fits = check_against(schema, *value);
      if (fits) return std::move(*value);
      if (!first_mistake) first_mistake = fits.error();
    }
    at = text.find_first_of("{[", at + 1);
  }
  // What a model wrote may be made of private words: it is told to the model, and to nobody else.
  if (first_mistake) {
    first_mistake->safe = "the answer did not fit what was asked for";
    return *first_mistake;
  }
  return invalid(text.empty() ? "answer: expected JSON, got nothing"
                              : "answer: expected JSON, whole and valid, got other text");
}

}  // namespace linnet::llm
