#include "analyze/canonical_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <vector>

namespace linnet::analyze {
namespace {

namespace json = boost::json;

void append(const json::value& value, std::string& out);

void append_object(const json::object& object, std::string& out) {
  std::vector<const json::key_value_pair*> members;
  members.reserve(object.size());
  for (const auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out += '{';
  for (const auto* member : members) {
    if (out.back() != '{') out += ',';
    out += json::serialize(member->key());
    out += ':';
    append(member->value(), out);
  }
  out += '}';
}

void append_array(const json::array& array, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ',';
    append(array[i], out);
  }
  out += ']';
}

void append(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) return append_object(*object, out);
  if (const auto* array = value.if_array()) return append_array(*array, out);
  if (const auto* number = value.if_double()) {
    out += std::isfinite(*number) ? fmt::format("{}", *number) : "null";
    return;
  }
  out += json::serialize(value);
}

}  // namespace

std::string canonical_json(const boost::json::value& value) {
  std::string out;
  append(value, out);
  return out;
}

}  // namespace linnet::analyze
