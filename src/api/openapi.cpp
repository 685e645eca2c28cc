#include <fmt/format.h>

#include <algorithm>

#include "api/openapi_examples.hpp"
#include "api/routes.hpp"
#include "api/shapes.hpp"
#include "store/record/json.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kSchemas = "#/components/schemas/";

struct SharedProblem {
  int status;
  std::string_view name;
  std::string_view means;
};
constexpr SharedProblem kProblems[] = {
    {400, "Invalid", "What was asked for cannot be understood; it names the field or parameter"},
    {401, "NotSignedIn", "Not signed in, or no longer"},
    {403, "NotAllowed", "Not allowed, to this person or at all"},
    {404, "NotFound", "There is no such thing"},
    {409, "Conflict", "It is under way or done already, or something stands in its way"},
    {413, "TooLarge", "The body is too large"},
    {429, "TooManyRequests", "Too many requests"},
    {503, "Unavailable", "Something that it takes does not answer; ask again later"}};

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

// With an example that fits.
json::object content_of(std::string_view type, json::object schema, const json::object& components) {
  json::object content;
  if (type == "application/json" || schema.contains("examples"))
    content["example"] = example_of(schema, components);
  content["schema"] = std::move(schema);
  return {{type, std::move(content)}};
}

bool has_required(const json::object& schema, const json::object& components) {
  const auto* const reference = schema.if_contains("$ref");
  if (reference == nullptr) return true;
  const auto name = std::string_view(reference->as_string()).substr(kSchemas.size());
  return components.at(name).as_object().contains("required");
}

// Of a route that takes nothing beside its address.
json::object no_body(json::object& components) {
  using record::entity_of;
  record::add_schemas(entity_of<NoBody>(), record::Use::request, components);
  return record::reference_for(entity_of<NoBody>(), record::Use::request);
}

// Bytes for a body that goes elsewhere than memory, else what the route takes.
json::object body_of(const Route& route, json::object& components) {
  const bool is_file = static_cast<bool>(route.open_sink);
  auto schema = is_file                           ? json::object()
                : route.request_schema != nullptr ? route.request_schema(components)
                                                  : no_body(components);
  const bool is_required = is_file || has_required(schema, components);
  return {{"required", is_required},
          {"description", fmt::format("At most {} bytes", route.max_body_bytes)},
          {"content", content_of(is_file ? "*/*" : route.takes, std::move(schema), components)}};
}

json::array parameters_of(const Route& route) {
  json::array parameters;
  for (const auto& name : path_parameters(route.pattern)) {
    parameters.push_back(json::object{
        {"name", name}, {"in", "path"}, {"required", true}, {"schema", json::object{{"type", "string"}}}});
  }
  for (const auto name : route.parameters) {
    parameters.push_back(
        json::object{{"name", name}, {"in", "query"}, {"required", false}, {"schema", schema_of(name)}});
  }
  return parameters;
}

json::object answer_of(const Route& route, json::object& components) {
  json::object done{{"description", route.summary}};
  if (route.content_type.empty()) return done;
  auto schema = route.answer_schema != nullptr ? route.answer_schema(components) : json::object();
  if (route.content_type.starts_with("text/")) schema = {{"type", "string"}};
  done["content"] = content_of(route.content_type, std::move(schema), components);
  return done;
}

json::object shared(std::string_view name) {
  return {{"$ref", fmt::format("#/components/responses/{}", name)}};
}

json::object answers_of(const Route& route, json::object& components) {
  const bool is_post = route.method == net::Method::post;
  json::object answers{{std::to_string(route.status), answer_of(route, components)}};
  for (const auto& problem : kProblems) {
    const bool is_about_body = problem.status == 409 || problem.status == 413;
    const bool is_about_path = problem.status == 404;
    const bool has_path = route.pattern.find('{') != std::string_view::npos;
    if ((is_about_body && !is_post) || (is_about_path && !has_path && !is_post)) continue;
    answers[std::to_string(problem.status)] = shared(problem.name);
  }
  answers["default"] = shared("Problem");
  return answers;
}

json::object operation_of(const Route& route, json::object& components) {
  json::array security;
  if (route.permission != govern::Permission::open)
    security = {json::object{{"token", json::array{}}}, json::object{{"session", json::array{}}}};
  json::object operation{{"operationId", operation_id(route)},
                         {"summary", route.summary},
                         {"parameters", parameters_of(route)},
                         {"x-permission", govern::to_string(route.permission)},
                         {"security", std::move(security)}};
  if (route.or_permission) operation["x-permission-or"] = govern::to_string(*route.or_permission);
  if (route.method == net::Method::post) operation["requestBody"] = body_of(route, components);
  operation["responses"] = answers_of(route, components);
  return operation;
}

json::object problem_schema() {
  const json::object text{{"type", "string"}};
  return {{"type", "object"},
          {"properties",
           json::object{{"type", json::object{{"type", "string"}, {"examples", json::array{"about:blank"}}}},
                        {"title", json::object{{"type", "string"}, {"examples", json::array{"Bad Request"}}}},
                        {"status", json::object{{"type", "integer"}, {"minimum", 400}}},
                        {"detail", text}}},
          {"required", json::array{"type", "title", "status", "detail"}}};
}

// What is wrong is said in one shape by every route.
json::object problem_responses(const json::object& schemas) {
  json::object responses;
  const auto add = [&](std::string_view name, std::string_view means, int status) {
    json::object response{{"description", means}};
    const json::object schema{{"$ref", "#/components/schemas/Problem"}};
    auto content = json::object{{"schema", schema}, {"example", example_of(schema, schemas)}};
    if (status != 0) content["example"].as_object()["status"] = status;
    response["content"] = json::object{{"application/problem+json", std::move(content)}};
    if (status == 429)
      response["headers"] =
          json::object{{"Retry-After", json::object{{"description", "Seconds"},
                                                    {"schema", json::object{{"type", "integer"}}}}}};
    responses[name] = std::move(response);
  };
  for (const auto& problem : kProblems) add(problem.name, problem.means, problem.status);
  add("Problem", "What was wrong, and what was expected", 0);
  return responses;
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
  schemas["Problem"] = problem_schema();
  auto responses = problem_responses(schemas);
  return json::serialize(json::object{
      {"openapi", "3.1.0"},
      {"info",
       json::object{
           {"title", "Linnet"}, {"version", version}, {"license", json::object{{"name", "Apache-2.0"}}}}},
      {"paths", paths},
      {"components",
       json::object{
           {"schemas", std::move(schemas)},
           {"responses", std::move(responses)},
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
