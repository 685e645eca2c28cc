#include "base/json_names.hpp"

#include <boost/json.hpp>

namespace linnet {
namespace {

std::vector<std::string> parse_names(std::string_view array) {
  std::vector<std::string> names;
  boost::system::error_code error;
  const auto value = boost::json::parse({array.data(), array.size()}, error);
  if (error || !value.is_array()) return names;
  for (const auto& element : value.get_array()) {
    if (element.is_string()) names.emplace_back(element.get_string().data(), element.get_string().size());
  }
  return names;
}

}  // namespace

std::vector<std::string> json_names(std::string_view array) {
  if (array.size() < 4 || array.front() != '[' || array.find('\\') != std::string_view::npos) {
    return parse_names(array);
  }
  // Without escapes, which hashtags hardly have, every second quotation mark ends a name.
  std::vector<std::string> names;
  for (auto begin = array.find('"'); begin != std::string_view::npos;) {
    const auto end = array.find('"', begin + 1);
    if (end == std::string_view::npos) return parse_names(array);
    names.emplace_back(array.substr(begin + 1, end - begin - 1));
    begin = array.find('"', end + 1);
  }
  return names;
}

}  // namespace linnet
