#include "api/openapi_examples.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace linnet::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kReference = "#/components/schemas/";

// Texts by the name of their member.
constexpr std::pair<std::string_view, std::string_view> kTexts[] = {
    {"acct", "ada@example.social"},
    {"actor", "ada"},
    {"address", "https://example.social"},
    {"author_acct", "ada@example.social"},
    {"avatar_url", "https://example.social/avatars/ada.png"},
    {"base_url", "https://example.social"},
    {"content", "<p>Good morning</p>"},
    {"content_html", "<p>Good morning</p>"},
    {"content_text", "Good morning"},
    {"detail", "limit: expected a whole number from 1 to 100, got \"0\""},
    {"display_name", "Ada"},
    {"domain", "example.social"},
    {"evidence", "https://example.social/@ada/1154"},
    {"hashtag", "books"},
    {"hashtags", "books"},
    {"id", "1154"},
    {"instance", "https://example.social"},
    {"kind", "backup"},
    {"language", "en"},
    {"media_formats", "image/png"},
    {"options", "The red one"},
    {"password", "correct horse battery staple"},
    {"platform", "mastodon"},
    {"reason", "asked for it"},
    {"requested_by", "ada"},
    {"sample_post_ids", "1154"},
    {"secret", "lin_0000000000000000"},
    {"server", "example.social"},
    {"server_id", "example.social"},
    {"spoiler_text", ""},
    {"text", "Good morning"},
    {"title", "Copy the database into the folder backups"},
    {"trending_topics", "books"},
    {"uri", "https://example.social/users/ada/statuses/1154"},
    {"url", "https://example.social/@ada/1154"},
    {"user_id", "7"},
    {"username", "ada"},
    {"visibility", "public"},
};

std::string_view text_called(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kTexts), std::end(kTexts), [&](const auto& one) { return one.first == name; });
  return found == std::end(kTexts) ? std::string_view("a text") : found->second;
}

std::string_view type_of(const json::object& schema) {
  const auto* const type = schema.if_contains("type");
  if (type == nullptr) return {};
  return type->is_array() ? std::string_view(type->as_array().front().as_string())
                          : std::string_view(type->as_string());
}

json::value text_example(const json::object& schema, std::string_view name) {
  const auto* const format = schema.if_contains("format");
  if (format != nullptr && *format == "date-time") return "2026-08-01T09:00:00Z";
  return json::value(text_called(name));
}

json::object object_example(const json::object& schema, const json::object& components) {
  json::object example;
  if (const auto* const members = schema.if_contains("properties"); members != nullptr) {
    for (const auto& [name, member] : members->as_object())
      example[name] = example_of(member.as_object(), components, name);
  }
  const auto* const others = schema.if_contains("additionalProperties");
  if (others != nullptr && others->is_object())
    example["2026-08-01T09:00:00Z"] = example_of(others->as_object(), components);
  return example;
}

json::value all_of(const json::array& parts, const json::object& components) {
  json::object whole;
  for (const auto& part : parts) {
    auto example = example_of(part.as_object(), components);
    for (auto& member : example.as_object()) whole[member.key()] = std::move(member.value());
  }
  return whole;
}

json::value typed_example(const json::object& schema, const json::object& components, std::string_view name) {
  const auto type = type_of(schema);
  if (type == "object") return object_example(schema, components);
  if (type == "array") {
    const auto* const items = schema.if_contains("items");
    return json::array{example_of(items->as_object(), components, name)};
  }
  if (type == "string") return text_example(schema, name);
  if (type == "boolean") return true;
  if (type == "number") return 0.5;
  if (type != "integer") return nullptr;
  const auto* const least = schema.if_contains("minimum");
  return least != nullptr ? *least : json::value(1);
}

}  // namespace

json::value example_of(const json::object& schema, const json::object& components, std::string_view name) {
  if (const auto* const given = schema.if_contains("examples")) return given->as_array().front();
  if (const auto* const reference = schema.if_contains("$ref")) {
    const auto target = std::string_view(reference->as_string()).substr(kReference.size());
    return example_of(components.at(target).as_object(), components, name);
  }
  if (const auto* const words = schema.if_contains("enum")) return words->as_array().front();
  if (const auto* const parts = schema.if_contains("allOf")) return all_of(parts->as_array(), components);
  if (const auto* const choices = schema.if_contains("anyOf"))
    return example_of(choices->as_array().front().as_object(), components, name);
  return typed_example(schema, components, name);
}

}  // namespace linnet::api
