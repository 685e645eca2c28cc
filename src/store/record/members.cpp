#include "store/record/members.hpp"

#include "base/text.hpp"

namespace linnet::record {

namespace json = boost::json;

namespace detail {

Error wrong(const std::string& path, std::string_view expected, const json::value& got) {
  return invalid(
      fmt::format("{}: expected {}, got {}", path, expected, truncate_utf8(json::serialize(got), 80)));
}

Error damaged(const Field& field, std::string_view expected) {
  return Error::of(ErrorKind::corrupt,
                   fmt::format("{}: the database holds something other than {}", field.column, expected));
}

json::object nullable(json::object schema) {
  auto* const type = schema.if_contains("type");
  if (type == nullptr || !type->is_string())
    return schema.empty() ? schema : json::object{{"anyOf", json::array{schema, {{"type", "null"}}}}};
  *type = json::array{*type, "null"};
  if (auto* const words = schema.if_contains("enum")) words->as_array().push_back(nullptr);
  return schema;
}

json::object choice_schema(const std::vector<std::string_view>& words) {
  return {{"type", "string"}, {"enum", json::array(words.begin(), words.end())}};
}

std::string in_words(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

json::object list_of(json::object items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}

json::object reference_to(const Entity& entity) {
  return {{"$ref", fmt::format("#/components/schemas/{}", entity.name)}};
}

}  // namespace detail

using detail::wrong;

json::value Member<std::string>::show(const Field& field, const std::string& value) {
  if (value.empty() && (field.is_null_in_json || field.holds_json)) return nullptr;
  if (!field.holds_json) return json::value(value);
  boost::system::error_code code;
  auto parsed = json::parse(value, code);
  return code ? json::value() : parsed;
}

Status Member<std::string>::take(const Field& field, const json::value& given, const std::string& path,
                                 std::string& into) {
  if (given.is_null() && field.is_null_in_json) {
    into.clear();
    return {};
  }
  if (field.holds_json) {
    into = json::serialize(given);
    return {};
  }
  if (!given.is_string())
    return wrong(path, field.choices.empty() ? "a text" : detail::in_words(field.choices), given);
  const std::string_view text(given.get_string());
  LINNET_CHECK(check_length(path, text, field.most_characters));
  if (!field.choices.empty() &&
      std::find(field.choices.begin(), field.choices.end(), text) == field.choices.end())
    return wrong(path, detail::in_words(field.choices), given);
  into = text;
  return {};
}

json::object Member<std::string>::schema(const Field& field) {
  if (field.holds_json) return {};
  auto schema =
      field.choices.empty() ? json::object{{"type", "string"}} : detail::choice_schema(field.choices);
  return field.is_null_in_json ? detail::nullable(std::move(schema)) : schema;
}

Status Member<std::int64_t>::take(const Field& field, const json::value& given, const std::string& path,
                                  std::int64_t& into) {
  const bool is_bounded = field.least != std::numeric_limits<std::int64_t>::min();
  if (!given.is_int64() || given.get_int64() < field.least || given.get_int64() > field.most)
    return wrong(
        path,
        is_bounded ? fmt::format("a whole number from {} to {}", field.least, field.most) : "a whole number",
        given);
  into = given.get_int64();
  return {};
}

json::object Member<std::int64_t>::schema(const Field& field) {
  json::object schema{{"type", "integer"}};
  if (field.least != std::numeric_limits<std::int64_t>::min()) schema["minimum"] = field.least;
  if (field.most != std::numeric_limits<std::int64_t>::max()) schema["maximum"] = field.most;
  return schema;
}

Status Member<double>::take(const Field&, const json::value& given, const std::string& path, double& into) {
  if (!given.is_number()) return wrong(path, "a number", given);
  into = given.to_number<double>();
  return {};
}

Status Member<bool>::take(const Field&, const json::value& given, const std::string& path, bool& into) {
  if (!given.is_bool()) return wrong(path, "true or false", given);
  into = given.get_bool();
  return {};
}

Status Member<Instant>::take(const Field&, const json::value& given, const std::string& path, Instant& into) {
  if (!given.is_string() || !parse_iso8601(std::string_view(given.get_string())))
    return wrong(path, "a time such as 2026-08-01T09:00:00Z", given);
  LINNET_TRY(into, parse_zoned_instant(path, std::string_view(given.get_string())));
  return {};
}

}  // namespace linnet::record
