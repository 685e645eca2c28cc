// The names of an enum's values, which are what tables and JSON say: BOOST_DESCRIBE_ENUM(Colour, red, green)
// beside the enum, in its namespace, and nothing else is written down a second time.
#pragma once

#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linnet {

template <typename Enum>
concept NamedEnum = boost::describe::has_describe_enumerators<Enum>::value;

// "delete_comment"; empty for a value that has no name.
template <NamedEnum Enum>
std::string_view enum_name(Enum value) {
  std::string_view found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>([&](auto one) {
    if (one.value == value) found = one.name;
  });
  return found;
}

template <NamedEnum Enum>
std::optional<Enum> parse_enum(std::string_view name) {
  std::optional<Enum> found;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>([&](auto one) {
    if (one.name == name) found = one.value;
  });
  return found;
}

// In the order of their declaration.
template <NamedEnum Enum>
std::vector<std::string_view> enum_names() {
  std::vector<std::string_view> names;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>(
      [&](auto one) { names.emplace_back(one.name); });
  return names;
}

}  // namespace linnet
