#include "store/record/json.hpp"

#include <algorithm>

namespace linnet::record {

namespace json = boost::json;

namespace detail {

json::object to_json(const Entity& entity, const void* record) {
  json::object object;
  object.reserve(entity.fields.size());
  for (const auto& field : entity.fields) {
    if (!field.is_hidden) object.emplace(field.name, field.show(field, record));
  }
  return object;
}

namespace {

bool is_taken(const Field& field) {
  return !field.is_hidden && field.select.empty();
}

Status refuse_others(const Entity& entity, const json::object& given, const std::string& path) {
  for (const auto& member : given) {
    const auto is_this = [&](const Field& field) { return is_taken(field) && field.name == member.key(); };
    if (std::any_of(entity.fields.begin(), entity.fields.end(), is_this)) continue;
    std::string known;
    for (const auto& field : entity.fields) {
      if (is_taken(field)) known += (known.empty() ? "" : ", ") + std::string(field.name);
    }
    return invalid(fmt::format("{}{}: not known here; expected {}", path,
                               std::string_view(member.key()).substr(0, 60),
                               known.empty() ? "nothing" : known));
  }
  return {};
}

}  // namespace

Status from_json(const Entity& entity, const json::object& given, const std::string& path, void* record) {
  for (const auto& field : entity.fields) {
    if (!is_taken(field)) continue;
    const auto name = path + std::string(field.name);
    if (const auto* const value = given.if_contains(field.name)) {
      LINNET_CHECK(field.take(field, *value, name, record));
    } else if (field.is_required) {
      // What it means stands in the API's document; there it is a sentence of its own.
      return invalid(fmt::format("{}: expected a value, got nothing{}", name,
                                 field.help.empty() ? "" : fmt::format(" ({})", field.help)));
    }
  }
  return refuse_others(entity, given, path);
}

}  // namespace detail

namespace {

// Also one that may be null.
bool is_free_text(const json::object& schema) {
  const auto* const type = schema.if_contains("type");
  if (type == nullptr || schema.contains("enum") || schema.contains("format")) return false;
  return *type == "string" || *type == json::array{"string", "null"};
}

}  // namespace

json::object schema_of(const Entity& entity, Use use) {
  json::object properties;
  json::array required;
  for (const auto& field : entity.fields) {
    if (field.is_hidden || (use == Use::request && !field.select.empty())) continue;
    auto schema = field.schema(field);
    if (use == Use::request && is_free_text(schema)) schema["maxLength"] = field.most_characters;
    if (!field.help.empty()) schema["description"] = field.help;
    properties.emplace(field.name, std::move(schema));
    if (use == Use::answer || field.is_required) required.emplace_back(field.name);
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (use == Use::request) schema["additionalProperties"] = false;
  return schema;
}

void add_schemas(const Entity& entity, Use use, json::object& into) {
  if (into.contains(entity.name)) return;
  into[entity.name] = schema_of(entity, use);
  for (const auto& field : entity.fields) {
    if (field.nested != nullptr && !field.is_hidden) add_schemas(field.nested(), use, into);
  }
}

}  // namespace linnet::record
