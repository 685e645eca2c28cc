// Examples for the API's document, made of the schemas: what a description says a member is like, else what
// its name and type suggest. An example that contradicts its schema fails test/integration/contract.sh.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

namespace linnet::api {

// `components` holds what the schema refers to; `name` is that of the member, empty for a whole body.
boost::json::value example_of(const boost::json::object& schema, const boost::json::object& components,
                              std::string_view name = {});

}  // namespace linnet::api
