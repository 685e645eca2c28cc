#include "store/record/json.hpp"

#include <algorithm>

namespace linnet::record {

namespace json = boost::json;

namespace detail {

json::object to_json(const Entity& entity, const void* record) {
  json::object object;
  for (const auto& base : entity.bases) {
    for (auto& member : to_json(base.entity(), base.of(record)))
      object[member.key()] = std::move(member.value());
  }
  object.reserve(object.size() + entity.fields.size());
  for (const auto& field : entity.fields) {
    if (field.is_hidden) continue;
    auto value = field.show(field, record);
    if (!field.is_left_out || !value.is_null()) object[field.name] = std::move(value);
  }
  return object;
}

namespace {

bool is_taken(const Field& field) {
  return !field.is_hidden && field.select.empty() && field.take != nullptr;
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

std::string_view name_of(const Entity& entity, Use use) {
  return use == Use::request && !entity.request_name.empty() ? entity.request_name : entity.name;
}

}  // namespace

json::object reference_for(const Entity& entity, Use use) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name_of(entity, use))}};
}

namespace {

// References to `entity`, however deep, as references to what it is in a request.
void refer_to_request(json::value& schema, const Entity& entity) {
  if (auto* const list = schema.if_array()) {
    for (auto& item : *list) refer_to_request(item, entity);
  } else if (auto* const object = schema.if_object()) {
    if (*object == detail::reference_to(entity)) {
      *object = reference_for(entity, Use::request);
      return;
    }
    for (auto& member : *object) refer_to_request(member.value(), entity);
  }
}

json::object schema_of(const Field& field, Use use) {
  auto schema = field.schema(field);
  if (use == Use::request && field.nested != nullptr) {
    json::value whole(std::move(schema));
    refer_to_request(whole, field.nested());
    schema = std::move(whole.as_object());
  }
  if (use == Use::request && is_free_text(schema)) schema["maxLength"] = field.most_characters;
  if (!field.help.empty()) schema["description"] = field.help;
  if (!field.example.empty()) schema["examples"] = json::array{field.example};
  return schema;
}

}  // namespace

json::object schema_of(const Entity& entity, Use use) {
  json::object properties;
  json::array required;
  for (const auto& field : entity.fields) {
    if (field.is_hidden || (use == Use::request && !detail::is_taken(field))) continue;
    properties.emplace(field.name, schema_of(field, use));
    const bool is_there = use == Use::answer ? !field.is_left_out : field.is_required;
    if (is_there) required.emplace_back(field.name);
  }
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (use == Use::request) schema["additionalProperties"] = false;
  if (!entity.bases.empty()) {
    json::array parts;
    for (const auto& base : entity.bases) parts.push_back(reference_for(base.entity(), use));
    parts.push_back(std::move(schema));
    schema = {{"allOf", std::move(parts)}};
  }
  if (!entity.example.empty()) schema["examples"] = json::array{json::parse(entity.example)};
  return schema;
}

void add_schemas(const Entity& entity, Use use, json::object& into) {
  const auto name = name_of(entity, use);
  if (into.contains(name)) return;
  into[name] = schema_of(entity, use);
  for (const auto& base : entity.bases) add_schemas(base.entity(), use, into);
  for (const auto& field : entity.fields) {
    const bool is_in = !field.is_hidden && (use == Use::answer || detail::is_taken(field));
    if (field.nested != nullptr && is_in) add_schemas(field.nested(), use, into);
  }
}

}  // namespace linnet::record
