#include "observe/json_names.hpp"

#include <boost/json.hpp>

namespace linnet::observe {

std::vector<std::string> json_names(std::string_view array) {
  std::vector<std::string> names;
  if (array.empty()) return names;
  boost::system::error_code error;
  const auto value = boost::json::parse({array.data(), array.size()}, error);
  if (error || !value.is_array()) return names;
  for (const auto& element : value.get_array()) {
    if (element.is_string()) names.emplace_back(element.get_string().data(), element.get_string().size());
  }
  return names;
}

}  // namespace linnet::observe
