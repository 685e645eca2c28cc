// What the members of a record may be, and how each stands in a column and in JSON. Another type is added by
// one more specialisation of Member.
#pragma once

#include <fmt/format.h>

#include <boost/json.hpp>
#include <optional>

#include "base/enum_names.hpp"
#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/record/entity.hpp"

namespace linnet::record {

namespace detail {

// `invalid`: "items[2].reason: expected a text, got 7".
Error wrong(const std::string& path, std::string_view expected, const boost::json::value& got);
// `corrupt`: what a column holds is none of what it may hold.
Error damaged(const Field& field, std::string_view expected);
boost::json::object choice_schema(const std::vector<std::string_view>& words);
std::string in_words(const std::vector<std::string_view>& words);  // "approve, edit or reject"

boost::json::object to_json(const Entity& entity, const void* record);
Status from_json(const Entity& entity, const boost::json::object& given, const std::string& path,
                 void* record);

}  // namespace detail

template <typename T>
struct Member {
  static_assert(sizeof(T) == 0,
                "a described member is a text, a whole number, a double, a bool, an Instant, an Id, an enum "
                "with BOOST_DESCRIBE_ENUM, boost::json, a described record, or an optional or a list of "
                "these: see store/record/members.hpp");
};

template <>
struct Member<std::string> {
  static constexpr auto kColumn = store::ColumnType::text;
  static Status read(const Field&, const store::Statement& row, int column, std::string& into) {
    into = row.text(column);
    return {};
  }
  static store::Value write(const Field& field, const std::string& value, Kept&) {
    return value.empty() && field.is_null_in_table ? store::Value() : store::Value(std::string_view(value));
  }
  static boost::json::value show(const Field& field, const std::string& value);
  static Status take(const Field& field, const boost::json::value& given, const std::string& path,
                     std::string& into);
  static boost::json::object schema(const Field& field);
};

namespace detail {

// What a whole number in a column stands for.
template <typename T, T (*from)(std::int64_t), std::int64_t (*to)(T)>
struct AsInteger {
  static constexpr auto kColumn = store::ColumnType::integer;
  static Status read(const Field&, const store::Statement& row, int column, T& into) {
    into = from(row.integer(column));
    return {};
  }
  static store::Value write(const Field&, T value, Kept&) { return to(value); }
};
struct Integers {
  static std::int64_t same(std::int64_t number) { return number; }
  static bool is_true(std::int64_t number) { return number != 0; }
  static std::int64_t of_bool(bool flag) { return flag ? 1 : 0; }
  static Instant at(std::int64_t micros) { return from_micros(micros); }
  static std::int64_t micros_of(Instant t) { return to_micros(t); }
};

}  // namespace detail

template <>
struct Member<std::int64_t>
    : detail::AsInteger<std::int64_t, detail::Integers::same, detail::Integers::same> {
  static boost::json::value show(const Field&, std::int64_t value) { return value; }
  static Status take(const Field& field, const boost::json::value& given, const std::string& path,
                     std::int64_t& into);
  static boost::json::object schema(const Field& field);
};

template <>
struct Member<bool> : detail::AsInteger<bool, detail::Integers::is_true, detail::Integers::of_bool> {
  static boost::json::value show(const Field&, bool value) { return value; }
  static Status take(const Field&, const boost::json::value& given, const std::string& path, bool& into);
  static boost::json::object schema(const Field&) { return {{"type", "boolean"}}; }
};

template <>
struct Member<Instant> : detail::AsInteger<Instant, detail::Integers::at, detail::Integers::micros_of> {
  static boost::json::value show(const Field&, Instant value) {
    return boost::json::value(to_iso8601(value));
  }
  static Status take(const Field&, const boost::json::value& given, const std::string& path, Instant& into);
  static boost::json::object schema(const Field&) { return {{"type", "string"}, {"format", "date-time"}}; }
};

template <>
struct Member<double> {
  static constexpr auto kColumn = store::ColumnType::real;
  static Status read(const Field&, const store::Statement& row, int column, double& into) {
    into = row.real(column);
    return {};
  }
  static store::Value write(const Field&, double value, Kept&) { return value; }
  static boost::json::value show(const Field&, double value) { return value; }
  static Status take(const Field&, const boost::json::value& given, const std::string& path, double& into);
  static boost::json::object schema(const Field&) { return {{"type", "number"}}; }
};

template <typename T>
struct Member<std::optional<T>> {
  static constexpr auto kColumn = Member<T>::kColumn;
  static Status read(const Field& field, const store::Statement& row, int column, std::optional<T>& into) {
    into.reset();
    return row.is_null(column) ? Status() : Member<T>::read(field, row, column, into.emplace());
  }
  static store::Value write(const Field& field, const std::optional<T>& value, Kept& kept) {
    return value ? Member<T>::write(field, *value, kept) : store::Value();
  }
  static boost::json::value show(const Field& field, const std::optional<T>& value) {
    return value ? Member<T>::show(field, *value) : boost::json::value();
  }
  static Status take(const Field& field, const boost::json::value& given, const std::string& path,
                     std::optional<T>& into) {
    into.reset();
    return given.is_null() ? Status() : Member<T>::take(field, given, path, into.emplace());
  }
  static boost::json::object schema(const Field& field) { return detail::nullable(Member<T>::schema(field)); }
};

template <typename Tag, typename T>
struct Member<Id<Tag, T>> {
  static constexpr auto kColumn = Member<T>::kColumn;
  static Status read(const Field& field, const store::Statement& row, int column, Id<Tag, T>& into) {
    T value{};
    LINNET_CHECK(Member<T>::read(field, row, column, value));
    into = Id<Tag, T>(std::move(value));
    return {};
  }
  static store::Value write(const Field& field, const Id<Tag, T>& value, Kept& kept) {
    return Member<T>::write(field, value.value(), kept);
  }
  static boost::json::value show(const Field& field, const Id<Tag, T>& value) {
    return Member<T>::show(field, value.value());
  }
  static Status take(const Field& field, const boost::json::value& given, const std::string& path,
                     Id<Tag, T>& into) {
    T value{};
    LINNET_CHECK(Member<T>::take(field, given, path, value));
    into = Id<Tag, T>(std::move(value));
    return {};
  }
  static boost::json::object schema(const Field& field) { return Member<T>::schema(field); }
};

template <NamedEnum Enum>
struct Member<Enum> {
  static constexpr auto kColumn = store::ColumnType::text;
  static Status read(const Field& field, const store::Statement& row, int column, Enum& into) {
    const auto found = parse_enum<Enum>(row.text(column));
    if (!found) return detail::damaged(field, detail::in_words(enum_names<Enum>()));
    into = *found;
    return {};
  }
  static store::Value write(const Field&, Enum value, Kept&) { return enum_name(value); }
  static boost::json::value show(const Field&, Enum value) { return boost::json::value(enum_name(value)); }
  static Status take(const Field&, const boost::json::value& given, const std::string& path, Enum& into) {
    const auto found =
        given.is_string() ? parse_enum<Enum>(std::string_view(given.as_string())) : std::nullopt;
    if (!found) return detail::wrong(path, detail::in_words(enum_names<Enum>()), given);
    into = *found;
    return {};
  }
  static boost::json::object schema(const Field&) { return detail::choice_schema(enum_names<Enum>()); }
};

namespace detail {

// What has no column type of its own stands in a text column as JSON.
template <typename T, typename Json>
struct AsJson {
  static constexpr auto kColumn = store::ColumnType::text;
  static Status read(const Field& field, const store::Statement& row, int column, T& into) {
    boost::system::error_code code;
    const auto text = row.text(column);
    if (text.empty()) return {};
    const auto value = boost::json::parse(text, code);
    return !code && Json::take(field, value, std::string(field.column), into)
               ? Status()
               : damaged(field, "JSON of its kind");
  }
  static store::Value write(const Field& field, const T& value, Kept& kept) {
    return std::string_view(kept.emplace_back(boost::json::serialize(Json::show(field, value))));
  }
};

}  // namespace detail

template <>
struct Member<boost::json::object> : detail::AsJson<boost::json::object, Member<boost::json::object>> {
  static boost::json::value show(const Field&, const boost::json::object& value) { return value; }
  static Status take(const Field&, const boost::json::value& given, const std::string& path,
                     boost::json::object& into) {
    if (!given.is_object()) return detail::wrong(path, "an object", given);
    into = given.get_object();
    return {};
  }
  static boost::json::object schema(const Field&) {
    return {{"type", "object"}, {"additionalProperties", true}};
  }
};

template <>
struct Member<boost::json::value> : detail::AsJson<boost::json::value, Member<boost::json::value>> {
  static boost::json::value show(const Field&, const boost::json::value& value) { return value; }
  static Status take(const Field&, const boost::json::value& given, const std::string&,
                     boost::json::value& into) {
    into = given;
    return {};
  }
  static boost::json::object schema(const Field&) { return {}; }
};

template <typename T>
struct Member<std::vector<T>> : detail::AsJson<std::vector<T>, Member<std::vector<T>>> {
  static boost::json::value show(const Field& field, const std::vector<T>& values) {
    boost::json::array list;
    for (const auto& value : values) list.push_back(Member<T>::show(field, value));
    return list;
  }
  static Status take(const Field& field, const boost::json::value& given, const std::string& path,
                     std::vector<T>& into) {
    if (!given.is_array()) return detail::wrong(path, "a list", given);
    into.clear();
    for (const auto& item : given.get_array()) {
      const auto name = fmt::format("{}[{}]", path, into.size());
      LINNET_CHECK(Member<T>::take(field, item, name, into.emplace_back()));
    }
    return {};
  }
  static boost::json::object schema(const Field& field) {
    return {{"type", "array"}, {"items", Member<T>::schema(field)}};
  }
};

template <Described T>
struct Member<T> : detail::AsJson<T, Member<T>> {
  static boost::json::value show(const Field&, const T& value) {
    return detail::to_json(entity_of<T>(), &value);
  }
  static Status take(const Field&, const boost::json::value& given, const std::string& path, T& into) {
    if (!given.is_object()) return detail::wrong(path, "an object", given);
    return detail::from_json(entity_of<T>(), given.get_object(), path + ".", &into);
  }
  static boost::json::object schema(const Field&) { return detail::reference_to(entity_of<T>()); }
};

namespace detail {

template <typename T>
struct MemberType;
template <typename T, typename Record>
struct MemberType<T Record::*> {
  using Member = T;
  using Owner = Record;
};

template <typename T>
struct RecordIn {
  using Type = T;
};
template <typename T>
struct RecordIn<std::optional<T>> : RecordIn<T> {};
template <typename T>
struct RecordIn<std::vector<T>> : RecordIn<T> {};

template <auto First, auto... Rest, typename Record>
auto& member_of(Record& record) {
  if constexpr (sizeof...(Rest) == 0) {
    return record.*First;
  } else {
    return member_of<Rest...>(record.*First);
  }
}

template <typename T>
Result<boost::json::value> show_column(const Field& self, const store::Statement& row, int place) {
  T value{};
  LINNET_CHECK(Member<T>::read(self, row, place, value));
  return Member<T>::show(self, value);
}

}  // namespace detail

// field<&Attempt::target_id>("target_id"); of a struct within, field<&Credential::key, &Key::type>("type").
template <auto First, auto... Rest>
auto field(std::string_view name) {
  using Owner = typename detail::MemberType<decltype(First)>::Owner;
  using T = std::remove_cvref_t<decltype(detail::member_of<First, Rest...>(std::declval<Owner&>()))>;
  using How = Member<T>;
  FieldOf<Owner> made;
  made.name = made.column = name;
  made.type = How::kColumn;
  made.read = [](const Field& self, const store::Statement& row, int column, void* record) {
    return How::read(self, row, column, detail::member_of<First, Rest...>(*static_cast<Owner*>(record)));
  };
  made.write = [](const Field& self, const void* record, Kept& kept) {
    return How::write(self, detail::member_of<First, Rest...>(*static_cast<const Owner*>(record)), kept);
  };
  made.show = [](const Field& self, const void* record) {
    return How::show(self, detail::member_of<First, Rest...>(*static_cast<const Owner*>(record)));
  };
  made.take = [](const Field& self, const boost::json::value& given, const std::string& path, void* record) {
    return How::take(self, given, path, detail::member_of<First, Rest...>(*static_cast<Owner*>(record)));
  };
  made.schema = &How::schema;
  made.show_column = &detail::show_column<T>;
  using Inner = typename detail::RecordIn<T>::Type;
  if constexpr (Described<Inner>) made.nested = &entity_of<Inner>;
  return made;
}

namespace detail {

template <typename T>
struct MadeOf;
template <typename Made, typename Record>
struct MadeOf<Made (*)(const Record&)> {
  using Owner = Record;
  using Member = std::remove_cvref_t<Made>;
};

}  // namespace detail

// What a function makes of the record, in JSON alone: shown<&mentions_of>("mentions").
template <auto Function>
auto shown(std::string_view name) {
  using Owner = typename detail::MadeOf<decltype(Function)>::Owner;
  using T = typename detail::MadeOf<decltype(Function)>::Member;
  FieldOf<Owner> made;
  made.name = name;
  made.show = [](const Field& self, const void* record) {
    return Member<T>::show(self, Function(*static_cast<const Owner*>(record)));
  };
  made.schema = &Member<T>::schema;
  using Inner = typename detail::RecordIn<T>::Type;
  if constexpr (Described<Inner>) made.nested = &entity_of<Inner>;
  return made;
}

// The members of a record within: {.name = "PostPage", .bases = {within<&PostPage::post>()}}.
template <auto Inner>
Base within() {
  using Owner = typename detail::MemberType<decltype(Inner)>::Owner;
  return {&entity_of<typename detail::MemberType<decltype(Inner)>::Member>,
          [](const void* record) -> const void* { return &(static_cast<const Owner*>(record)->*Inner); }};
}

// A column that is read into no record: rows that are written in bulk, joins that are only shown.
template <typename T>
Field column(std::string_view name, std::string_view sql = {}) {
  Field made;
  made.name = name;
  made.select = sql.empty() ? name : sql;
  made.type = Member<T>::kColumn;
  made.show_column = &detail::show_column<T>;
  return made;
}
// Of what may be NULL, which most columns may.
using Text = std::optional<std::string>;
using Number = std::optional<std::int64_t>;
using Real = std::optional<double>;
using Time = std::optional<Instant>;
using Truth = std::optional<bool>;
using Json = std::optional<boost::json::value>;

}  // namespace linnet::record
