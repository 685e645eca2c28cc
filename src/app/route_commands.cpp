#include "app/route_commands.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>

#include "app/route_parts.hpp"
#include "base/instant_words.hpp"
#include "cli/acting_context.hpp"
#include "cli/option_names.hpp"
#include "cli/output.hpp"

namespace linnet::app {
namespace {

namespace json = boost::json;

// What was typed, by the API's names.
struct Typed {
  std::vector<std::string> path;
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::vector<std::string>> members;  // of the body
};

std::string option_of(std::string_view name) {
  std::string option = "--" + std::string(name);
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

std::string argument_of(std::string_view name) {
  std::string argument(name);
  std::transform(argument.begin(), argument.end(), argument.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return argument;
}

std::vector<std::string> names_in_path(std::string_view pattern) {
  std::vector<std::string> names;
  for (auto open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1))
    names.emplace_back(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
  return names;
}

// The schema of the body, whole.
json::object body_of(const api::Route& route) {
  if (route.request_schema == nullptr) return {};
  json::object components;
  auto schema = route.request_schema(components);
  const auto* const reference = schema.if_contains("$ref");
  if (reference == nullptr) return schema;
  const std::string_view name(reference->as_string());
  return components.at(name.substr(name.rfind('/') + 1)).as_object();
}

bool is_type(const json::object& member, std::string_view wanted) {
  const auto* const type = member.if_contains("type");
  if (type == nullptr) return false;
  const auto& first = type->is_array() ? type->as_array().front() : *type;
  return first.is_string() && std::string_view(first.get_string()) == wanted;
}

std::string help_of(const json::object& member) {
  const auto* const help = member.if_contains("description");
  return help != nullptr ? std::string(std::string_view(help->as_string())) : std::string();
}

void add_body_options(CLI::App& command, const json::object& body, Typed& typed) {
  const auto* const members = body.if_contains("properties");
  if (members == nullptr) return;
  const auto* const required = body.if_contains("required");
  for (const auto& [name, member] : members->as_object()) {
    auto& into = typed.members[std::string(name)];
    const auto& described = member.as_object();
    if (is_type(described, "boolean")) {
      command.add_flag_callback(
          option_of(name), [&into] { into = {"true"}; }, help_of(described));
      // What may be left as it is can be switched off as well.
      if (described.at("type").is_array()) {
        command.add_flag_callback("--no-" + option_of(name).substr(2), [&into] { into = {"false"}; });
      }
      continue;
    }
    auto* const option = command.add_option(option_of(name), into, help_of(described));
    if (!is_type(described, "array")) option->expected(1);
    const bool is_required =
        required != nullptr && std::find(required->as_array().begin(), required->as_array().end(),
                                         json::value(name)) != required->as_array().end();
    if (is_required) option->required();
  }
}

// Numbers and lists as the schema has them, all else as text: what does not fit, the route refuses by name.
json::value member_value(const json::object& described, const std::vector<std::string>& given) {
  if (is_type(described, "array")) return json::array(given.begin(), given.end());
  if (is_type(described, "string")) return json::value(given.front());
  boost::system::error_code error;
  auto value = json::parse(given.front(), error);
  return error ? json::value(given.front()) : value;
}

std::string body_text(const json::object& body, const Typed& typed) {
  json::object object;
  for (const auto& [name, given] : typed.members) {
    if (!given.empty()) object[name] = member_value(body.at("properties").at(name).as_object(), given);
  }
  return object.empty() ? std::string() : json::serialize(object);
}

std::string target_of(const api::Route& route, const Typed& typed) {
  std::string target(route.pattern);
  char sign = '?';
  for (const auto& [name, value] : typed.parameters) {
    if (value.empty()) continue;
    std::string encoded;
    for (const unsigned char c : value) encoded += fmt::format("%{:02X}", c);
    target += fmt::format("{}{}={}", sign, name, encoded);
    sign = '&';
  }
  return target;
}

constexpr std::size_t kWidestInAList = 60;

// What people read of a value: moments in words, lists joined; what is an object itself is left to --json.
std::string in_a_cell(const json::value& value, std::size_t widest = std::string::npos) {
  if (value.is_null() || value.is_object()) return {};
  if (value.is_array()) {
    std::string list;
    for (const auto& item : value.get_array()) list += (list.empty() ? "" : ", ") + in_a_cell(item, widest);
    return list;
  }
  if (!value.is_string()) return json::serialize(value);
  const std::string_view text(value.get_string());
  const auto moment = text.size() >= std::string_view("2026-08-01T00:00:00Z").size() && text.ends_with("Z")
                          ? parse_iso8601(text)
                          : std::nullopt;
  return moment ? in_words(*moment) : cli::shortened(text, widest);
}

// What all of them have, as they come: one may lack what the next one has.
std::vector<std::string> columns_of(const json::array& items) {
  std::vector<std::string> names;
  std::set<std::string, std::less<>> objects;
  for (const auto& item : items) {
    if (!item.is_object()) continue;
    for (const auto& member : item.get_object()) {
      if (member.value().is_object()) objects.emplace(member.key());
      if (std::find(names.begin(), names.end(), member.key()) == names.end())
        names.emplace_back(member.key());
    }
  }
  std::erase_if(names, [&](const auto& name) { return objects.contains(name); });
  return names;
}

// Words, numbers and the like stand on a line each, things in a table.
void print_list(const json::array& items) {
  const auto names = columns_of(items);
  cli::Table table(names);
  bool has_plain = false;
  for (const auto& item : items) {
    if (!item.is_object()) {
      fmt::print("{}\n", in_a_cell(item));
      has_plain = true;
      continue;
    }
    std::vector<std::string> cells;
    for (const auto& name : names) {
      const auto* const value = item.get_object().if_contains(name);
      cells.push_back(value != nullptr ? in_a_cell(*value, kWidestInAList) : std::string());
    }
    table.add(std::move(cells));
  }
  if (!has_plain || !names.empty()) table.print("nothing");
}

// One thing: its members, and below it each list of things that it holds.
void print_object(const json::object& object) {
  const auto is_list = [](const json::value& value) {
    const auto* const list = value.if_array();
    return list != nullptr &&
           std::any_of(list->begin(), list->end(), [](const auto& item) { return item.is_object(); });
  };
  cli::Table table({"", ""});
  for (const auto& member : object) {
    if (!is_list(member.value()) && !in_a_cell(member.value()).empty())
      table.add({std::string(member.key()), in_a_cell(member.value())});
  }
  table.print("");
  for (const auto& member : object) {
    if (!is_list(member.value())) continue;
    fmt::print("\n");
    print_list(member.value().get_array());
  }
}

// The API's names are options here.
struct Names {
  std::deque<std::string> kept;
  cli::OptionNames pairs;
  void add(std::string_view name, std::string option) {
    pairs.emplace_back(kept.emplace_back(name), kept.emplace_back(std::move(option)));
  }
};
Names option_names(const api::Route& route, const json::object& body) {
  Names names;
  for (const auto& name : names_in_path(route.pattern)) names.add(name, argument_of(name));
  for (const auto name : route.parameters) names.add(name, option_of(name));
  if (const auto* const members = body.if_contains("properties"); members != nullptr) {
    for (const auto& member : members->as_object()) names.add(member.key(), option_of(member.key()));
  }
  return names;
}

Status run(cli::Context& context, const api::Route& route, const Typed& typed) {
  LINNET_TRY(const auto parts, RouteParts::open(context, route.method));
  govern::Who who;
  who.name = cli::person_at_terminal().name;
  who.permissions = govern::permissions_of(govern::Role::admin);
  const auto body = body_of(route);
  const auto request = net::Request::make(route.method, target_of(route, typed), {}, body_text(body, typed));
  net::Headers headers;
  std::string content_type(route.content_type);
  const auto names = option_names(route, body);
  LINNET_TRY(auto answer,
             cli::with_options(route.handler({parts->api(), request, typed.path, who, headers, content_type}),
                               names.pairs));
  const auto printed = as_printed(std::move(answer));
  if (context.options.json) {
    cli::print_json(printed);
  } else if (printed.is_array()) {
    print_list(printed.get_array());
  } else if (printed.is_object()) {
    print_object(printed.get_object());
  } else {
    fmt::print("{}\n", in_a_cell(printed));
  }
  return {};
}

CLI::App* find_command(CLI::App& parent, const std::string& name) {
  for (auto* const one : parent.get_subcommands([](const CLI::App*) { return true; })) {
    if (one->get_name() == name) return one;
  }
  return nullptr;
}

// "hashtags show" under "hashtags", which is made where no room has it.
CLI::App& add_words(CLI::App& program, const std::string& words, const std::string& help,
                    const char* heading) {
  const auto space = words.find(' ');
  const auto first = words.substr(0, space);
  auto* group = find_command(program, first);
  if (group == nullptr) {
    group = program.add_subcommand(first, help);
    group->group(heading);
    if (space != std::string::npos) group->require_subcommand(1);
  }
  if (space == std::string::npos) return *group;
  auto* const command = group->add_subcommand(words.substr(space + 1), help);
  command->group("Subcommands");  // beside the group's own, not under the heading that the group stands under
  return *command;
}

void add_command(CLI::App& program, cli::Context& context, const api::Route& given, const char* heading) {
  const auto route = std::make_shared<api::Route>(given);
  const auto typed = std::make_shared<Typed>();
  auto& command = add_words(program, std::string(route->command), std::string(route->summary), heading);
  const auto names = names_in_path(route->pattern);
  typed->path.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i)
    command.add_option(argument_of(names[i]), typed->path[i])->required();
  for (const auto name : route->parameters)
    command.add_option(option_of(name), typed->parameters[std::string(name)]);
  add_body_options(command, body_of(*route), *typed);
  command.callback([&context, route, typed] {
    context.action = [&context, route, typed] { return run(context, *route, *typed); };
  });
}

}  // namespace

json::value as_printed(json::value answer) {
  auto* const object = answer.if_object();
  const auto* const items = object != nullptr ? object->if_contains("items") : nullptr;
  return items != nullptr && items->is_array() ? *items : answer;
}

void add_route_commands(CLI::App& program, cli::Context& context, const std::vector<api::Route>& routes,
                        const char* heading) {
  for (const auto& route : routes) {
    if (!route.command.empty()) add_command(program, context, route, heading);
  }
}

}  // namespace linnet::app
