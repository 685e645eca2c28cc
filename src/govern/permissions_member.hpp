// How rights stand in a column and in JSON: a list of their names. In a column, one that this program does
// not know gives nothing, and takes nothing else away.
#pragma once

#include "govern/access.hpp"
#include "store/record/members.hpp"

template <>
struct linnet::record::Member<linnet::govern::Permissions> {
  using Permissions = linnet::govern::Permissions;
  static constexpr auto kColumn = store::ColumnType::text;
  static Status read(const Field&, const store::Statement& row, int column, Permissions& into) {
    into = govern::from_json_list(row.text(column));
    return {};
  }
  static store::Value write(const Field&, const Permissions& rights, Kept& kept) {
    return std::string_view(kept.emplace_back(govern::to_json_list(rights)));
  }
  static boost::json::value show(const Field&, const Permissions& rights) {
    boost::json::array names;
    for (const auto right : rights) names.emplace_back(enum_name(right));
    return names;
  }
  static Status take(const Field& field, const boost::json::value& given, const std::string& path,
                     Permissions& into) {
    std::vector<std::string> names;
    LINNET_CHECK(Member<std::vector<std::string>>::take(field, given, path, names));
    LINNET_TRY(into, govern::parse_permissions(path, names));
    return {};
  }
  static boost::json::object schema(const Field&) {
    return {{"type", "array"}, {"items", detail::choice_schema(enum_names<govern::Permission>())}};
  }
};
