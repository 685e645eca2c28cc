#include <fmt/format.h>

#include <algorithm>

#include "api/routes.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

std::vector<std::string> path_parameters(std::string_view pattern) {
  std::vector<std::string> names;
  while (true) {
    const auto open = pattern.find('{');
    if (open == std::string_view::npos) return names;
    const auto close = pattern.find('}', open);
    names.emplace_back(pattern.substr(open + 1, close - open - 1));
    pattern.remove_prefix(close + 1);
  }
}

json::object schema_of(std::string_view parameter) {
  if (parameter == "limit" || parameter == "hours" || parameter == "min" || parameter == "min_posts") {
    return {{"type", "integer"}, {"minimum", 0}};
  }
  if (parameter == "at" || parameter == "since" || parameter == "until")
    return {{"type", "string"}, {"format", "date-time"}};
  if (parameter == "failed" || parameter == "sentiment_changed") return {{"type", "boolean"}};
  return {{"type", "string"}};
}

// "instance_id" as "InstanceId", "taken-back" as "TakenBack".
std::string camel(std::string_view words) {
  std::string name;
  bool begins = true;
  for (const char c : words) {
    if (c == '_' || c == '-' || c == '.') {
      begins = true;
    } else {
      name += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      begins = false;
    }
  }
  return name;
}

// How generated clients call it: "getPostsByInstanceIdById" for GET /api/v1/posts/{instance_id}/{id}. Method
// and path make it, so no two have the same.
std::string operation_id(const Route& route) {
  constexpr std::string_view kOwn = "/api/v1/";
  std::string id = route.method == net::Method::post ? "post" : "get";
  std::string_view rest = route.pattern;
  if (rest.starts_with(kOwn)) rest.remove_prefix(kOwn.size() - 1);
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    const auto end = std::min(rest.find('/'), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end);
    id += part.starts_with('{') ? "By" + camel(part.substr(1, part.size() - 2)) : camel(part);
  }
  return id;
}

// What a body may be: bytes for those that go elsewhere than memory, else JSON, or JSON by the line.
json::object body_of(const Route& route, json::object& components) {
  const bool is_file = static_cast<bool>(route.open_sink);
  const bool is_dump = route.pattern == "/api/v1/events";
  const std::string_view type = is_file ? "*/*" : is_dump ? "application/x-ndjson" : "application/json";
  json::object schema = is_file || is_dump ? json::object{} : json::object{{"type", "object"}};
  if (is_dump) schema["type"] = "string";
  if (route.request_schema != nullptr) schema = route.request_schema(components);
  return {{"required", is_file || schema.contains("$ref")},
          {"description", fmt::format("At most {} bytes", route.max_body_bytes)},
          {"content", json::object{{type, json::object{{"schema", std::move(schema)}}}}}};
}

json::object operation_of(const Route& route, json::object& components) {
  json::array parameters;
  for (const auto& name : path_parameters(route.pattern)) {
    parameters.push_back(json::object{
        {"name", name}, {"in", "path"}, {"required", true}, {"schema", json::object{{"type", "string"}}}});
  }
  for (const auto name : route.parameters) {
    parameters.push_back(
        json::object{{"name", name}, {"in", "query"}, {"required", false}, {"schema", schema_of(name)}});
  }
  json::object done{{"description", route.summary}};
  if (!route.content_type.empty()) {
    const bool is_json = route.content_type == "application/json";
    json::object schema = is_json ? json::object{} : json::object{{"type", "string"}};
    if (route.answer_schema != nullptr) schema = route.answer_schema(components);
    done["content"] = json::object{{route.content_type, json::object{{"schema", schema}}}};
  }
  const json::object problem{
      {"application/problem+json",
       json::object{{"schema", json::object{{"$ref", "#/components/schemas/Problem"}}}}}};
  json::array security;
  if (route.permission != govern::Permission::open)
    security = {json::object{{"token", json::array{}}}, json::object{{"session", json::array{}}}};
  json::object operation{
      {"operationId", operation_id(route)},
      {"summary", route.summary},
      {"parameters", parameters},
      {"x-permission", govern::to_string(route.permission)},
      {"security", std::move(security)},
      {"responses",
       json::object{{std::to_string(route.status), std::move(done)},
                    {"401", json::object{{"description", "Not signed in"}, {"content", problem}}},
                    {"403", json::object{{"description", "Not allowed"}, {"content", problem}}},
                    {"413", json::object{{"description", "The body is too large"}, {"content", problem}}},
                    {"429", json::object{{"description", "Too many requests"}, {"content", problem}}},
                    {"default", json::object{{"description", "What was wrong, and what was expected"},
                                             {"content", problem}}}}}};
  if (route.method == net::Method::post) operation["requestBody"] = body_of(route, components);
  if (route.or_permission) operation["x-permission-or"] = govern::to_string(*route.or_permission);
  return operation;
}

std::string rights_of(const Route& route) {
  std::string rights(govern::to_string(route.permission));
  if (route.or_permission) rights += fmt::format(" or {}", govern::to_string(*route.or_permission));
  return rights;
}

}  // namespace

std::string openapi_document(const std::vector<Route>& routes, std::string_view version) {
  json::object paths;
  json::object schemas;
  for (const auto& route : routes) {
    auto& path = paths[route.pattern];
    if (!path.is_object()) path = json::object();
    path.as_object()[route.method == net::Method::post ? "post" : "get"] = operation_of(route, schemas);
  }
  const auto text = json::object{{"type", "string"}};
  const json::object problem{{"type", "object"},
                             {"properties", json::object{{"type", text},
                                                         {"title", text},
                                                         {"status", json::object{{"type", "integer"}}},
                                                         {"detail", text}}}};
  schemas["Problem"] = problem;
  return json::serialize(json::object{
      {"openapi", "3.1.0"},
      {"info",
       json::object{
           {"title", "Linnet"}, {"version", version}, {"license", json::object{{"name", "Apache-2.0"}}}}},
      {"paths", paths},
      {"components",
       json::object{
           {"schemas", std::move(schemas)},
           {"securitySchemes", json::object{{"token", json::object{{"type", "http"}, {"scheme", "bearer"}}},
                                            {"session", json::object{{"type", "apiKey"},
                                                                     {"in", "cookie"},
                                                                     {"name", "linnet_session"}}}}}}}});
}

std::string docs_page(const std::vector<Route>& routes) {
  std::string page =
      R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Linnet API</title>)"
      R"(<meta name="viewport" content="width=device-width, initial-scale=1">)"
      R"(<link rel="stylesheet" href="/app.css"><link rel="icon" href="/icon.svg"></head><body><main class="api">)"
      R"(<p><a href="/">Linnet</a></p><h1>The API</h1>)"
      R"(<p>The same for programs: <a href="/api/openapi.json">OpenAPI 3.1</a>. Lists come in pages: ask again with )"
      "<code>cursor</code> set to <code>next</code>. Live events: the WebSocket "
      "<code>/api/v1/live</code>.</p>"
      R"(<table><thead><tr><th scope="col">Method</th><th scope="col">Path</th><th scope="col">Parameters</th>)"
      R"(<th scope="col">Needs</th><th scope="col">Answers with</th></tr></thead><tbody>)";
  for (const auto& route : routes) {
    std::string parameters;
    for (const auto name : route.parameters) parameters += fmt::format("<code>{}</code> ", name);
    page += fmt::format("<tr><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                        route.method == net::Method::post ? "POST" : "GET", route.pattern, parameters,
                        rights_of(route), route.summary);
  }
  return page + "</tbody></table></main></body></html>";
}

}  // namespace linnet::api
