// A route whose request and answer are described records: what it takes is read and refused by the
// description, what it gives is shown by it, and the API's document has the schemas of both.
//
//   Result<govern::User> add_user(const Call& call, const NewUser& wanted);
//   …
//   typed({Permission::people, Method::post, "/api/v1/users", "Add a person", {}, {}, 201, kLive}, add_user)
#pragma once

#include <variant>

#include "api/routes.hpp"
#include "base/json_fields.hpp"
#include "store/record/json.hpp"

namespace linnet::api {

// A page of a list; `next` is the cursor of the one behind it.
template <typename T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next = {};
};

// How an answer becomes JSON, and its schema; what it refers to goes into `components`.
template <typename T>
struct Shape;

template <record::Described T>
struct Shape<T> {
  static boost::json::value show(const T& answer) { return record::to_json(answer); }
  static boost::json::object schema(boost::json::object& components) {
    record::add_schemas(record::entity_of<T>(), record::Use::answer, components);
    return record::detail::reference_to(record::entity_of<T>());
  }
};

// Made by the handler itself, and described by answers<T>() where that is known.
template <>
struct Shape<boost::json::value> {
  static boost::json::value show(const boost::json::value& answer) { return answer; }
  static boost::json::object schema(boost::json::object&) { return {}; }
};

template <typename T>
struct Shape<std::vector<T>> {
  static boost::json::value show(const std::vector<T>& answer) {
    boost::json::array list;
    for (const auto& one : answer) list.push_back(Shape<T>::show(one));
    return list;
  }
  static boost::json::object schema(boost::json::object& components) {
    return {{"type", "array"}, {"items", Shape<T>::schema(components)}};
  }
};

template <typename T>
struct Shape<Page<T>> {
  static boost::json::value show(const Page<T>& page) {
    return boost::json::object{{"items", Shape<std::vector<T>>::show(page.items)},
                               {"next", page.next ? boost::json::value(*page.next) : boost::json::value()}};
  }
  static boost::json::object schema(boost::json::object& components) {
    return {
        {"type", "object"},
        {"properties",
         boost::json::object{{"items", Shape<std::vector<T>>::schema(components)},
                             {"next", boost::json::object{{"type", boost::json::array{"string", "null"}}}}}},
        {"required", boost::json::array{"items", "next"}}};
  }
};

// One answer or the other.
template <typename First, typename Second>
struct Shape<std::variant<First, Second>> {
  static boost::json::value show(const std::variant<First, Second>& answer) {
    return std::visit(
        [](const auto& one) -> boost::json::value {
          return Shape<std::remove_cvref_t<decltype(one)>>::show(one);
        },
        answer);
  }
  static boost::json::object schema(boost::json::object& components) {
    return {
        {"anyOf", boost::json::array{Shape<First>::schema(components), Shape<Second>::schema(components)}}};
  }
};

// The body as a record: `invalid` names the field.
template <record::Described T>
Result<T> read_body(const Call& call) {
  LINNET_TRY(const auto object, parse_json_object("body", call.request.body()));
  T request;
  LINNET_CHECK(record::from_json(object, request));
  return request;
}

// The route says what it answers with, where its handler makes the JSON by itself.
template <typename Given>
Route answers(Route route) {
  route.answer_schema = &Shape<Given>::schema;
  return route;
}
template <record::Described Taken>
Route takes(Route route) {
  route.request_schema = [](boost::json::object& components) {
    record::add_schemas(record::entity_of<Taken>(), record::Use::request, components);
    return record::reference_for(record::entity_of<Taken>(), record::Use::request);
  };
  return route;
}

template <typename Given>
Route typed(Route route, Result<Given> (*handler)(const Call&)) {
  route.handler = [handler](const Call& call) -> Answer {
    LINNET_TRY(const auto answer, handler(call));
    return Shape<Given>::show(answer);
  };
  return answers<Given>(std::move(route));
}
template <typename Given, typename Taken>
Route typed(Route route, Result<Given> (*handler)(const Call&, const Taken&)) {
  route.handler = [handler](const Call& call) -> Answer {
    LINNET_TRY(const auto request, read_body<Taken>(call));
    LINNET_TRY(const auto answer, handler(call, request));
    return Shape<Given>::show(answer);
  };
  return answers<Given>(takes<Taken>(std::move(route)));
}

}  // namespace linnet::api
