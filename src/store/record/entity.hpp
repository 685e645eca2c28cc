// A record is described once: its members, under what names tables and JSON know them, what of them is
// private, and what becomes of the rows. From that come SELECT, INSERT and UPDATE (sql.hpp), JSON out and in
// and its schema (json.hpp), and the lists that replay, digest, erasure, export and retention walk.
// docs/contributing/adding-an-entity.md shows how.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/text_limits.hpp"
#include "store/bulk.hpp"

namespace linnet::record {

struct Entity;

namespace detail {
boost::json::object nullable(boost::json::object schema);
boost::json::object list_of(boost::json::object items);
boost::json::object reference_to(const Entity& entity);
}  // namespace detail

// The description of a record. A type without one does not compile: declare entity_of<T> behind the struct.
template <typename T>
const Entity& entity_of() = delete;

template <typename T>
concept Described = requires {
  entity_of<T>();
};

// Texts that a statement's values borrow until it has run.
using Kept = std::deque<std::string>;

// One member of a record: what is said of it, and how its type is read and written (members.hpp).
struct Field {
  std::string_view name;    // in JSON
  std::string_view column;  // of the table; empty: in JSON alone
  std::string_view select;  // SQL of what is worked out of other columns, and never written; else empty
  store::ColumnType type = store::ColumnType::text;
  bool is_key = false;
  bool is_numbered = false;       // the database gives it, so that insert() leaves it out
  bool is_fixed = false;          // written with the row, and by statements of its own; update() leaves it
  bool is_hidden = false;         // never in JSON
  bool is_ours = false;           // names one of the people of this house: not in what is handed out
  bool is_required = false;       // a request without it is refused
  bool is_null_in_table = false;  // an empty text is NULL
  bool is_null_in_json = false;   // an empty text is null
  bool holds_json = false;        // the text is JSON, and shown as such
  bool is_left_out = false;       // what is null is not shown at all
  std::size_t most_characters = kLongestWord;
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string_view> choices;  // of a text; empty: any
  std::string_view help;                  // what people are told of it, in the API's document
  std::string_view example;               // of a text, where its name does not say enough

  Status (*read)(const Field&, const store::Statement& row, int column, void* record) = nullptr;
  store::Value (*write)(const Field&, const void* record, Kept& kept) = nullptr;
  boost::json::value (*show)(const Field&, const void* record) = nullptr;
  // `path` names the value in errors: "items[2].reason". Null: it is shown, and never taken.
  Status (*take)(const Field&, const boost::json::value& given, const std::string& path,
                 void* record) = nullptr;
  boost::json::object (*schema)(const Field&) = nullptr;
  // Straight from the row, for what is read into no record.
  Result<boost::json::value> (*show_column)(const Field&, const store::Statement& row, int column) = nullptr;
  const Entity& (*nested)() = nullptr;  // of a member that is a record, or a list of such

  [[nodiscard]] bool is_written() const { return !column.empty() && select.empty(); }
  [[nodiscard]] bool is_selected() const { return !column.empty() || !select.empty(); }
  [[nodiscard]] std::string_view sql() const { return select.empty() ? column : select; }
};

// A field of records of type T: made by field<&T::member>("name").
template <typename T>
struct FieldOf : Field {
  FieldOf key() && { return set(&Field::is_key, true); }
  FieldOf fixed() && { return set(&Field::is_fixed, true); }
  FieldOf numbered() && { return std::move(set(&Field::is_key, true)).set(&Field::is_numbered, true); }
  FieldOf hidden() && { return set(&Field::is_hidden, true); }
  FieldOf ours() && { return set(&Field::is_ours, true); }
  FieldOf required() && { return set(&Field::is_required, true); }
  FieldOf or_null() && { return std::move(*this).or_null_in_table().or_null_in_json(); }
  FieldOf or_null_in_table() && { return set(&Field::is_null_in_table, true); }
  FieldOf or_null_in_json() && { return set(&Field::is_null_in_json, true); }
  FieldOf json() && { return set(&Field::holds_json, true); }
  // JSON that is an object of some kind, or nothing.
  FieldOf json_object() && {
    schema = [](const Field&) {
      return detail::nullable({{"type", "object"}, {"additionalProperties", true}});
    };
    return set(&Field::holds_json, true);
  }
  FieldOf in_column(std::string_view its) && { return set(&Field::column, its); }
  FieldOf in_json_only() && { return set(&Field::column, std::string_view()); }
  FieldOf worked_out(std::string_view sql) && {
    column = {};
    return set(&Field::select, sql);
  }
  FieldOf at_most(std::size_t characters) && { return set(&Field::most_characters, characters); }
  FieldOf between(std::int64_t low, std::int64_t high) && {
    least = low;
    return set(&Field::most, high);
  }
  FieldOf one_of(std::vector<std::string_view> words) && { return set(&Field::choices, std::move(words)); }
  FieldOf means(std::string_view words) && { return set(&Field::help, words); }
  FieldOf like(std::string_view text) && { return set(&Field::example, text); }
  FieldOf left_out_when_null() && { return set(&Field::is_left_out, true); }
  // JSON in the shape of another record, or of a list of such; of a text that is empty, null.
  template <Described Shape>
  FieldOf shaped_as() && {
    nested = &entity_of<Shape>;
    schema = [](const Field& self) {
      auto shape = detail::reference_to(entity_of<Shape>());
      return self.holds_json ? detail::nullable(std::move(shape)) : shape;
    };
    return std::move(*this);
  }
  template <Described Shape>
  FieldOf shaped_as_list_of() && {
    nested = &entity_of<Shape>;
    schema = [](const Field& self) {
      auto list = detail::list_of(detail::reference_to(entity_of<Shape>()));
      return self.holds_json ? detail::nullable(std::move(list)) : list;
    };
    return std::move(*this);
  }
  // As `Function` makes it of the whole record: boost::json::value f(const T&).
  template <auto Function>
  FieldOf shown_by() && {
    show = [](const Field&, const void* record) -> boost::json::value {
      return Function(*static_cast<const T*>(record));
    };
    return std::move(*this);
  }

 private:
  template <typename Value>
  FieldOf set(Value Field::*what, Value value) {
    this->*what = std::move(value);
    return std::move(*this);
  }
};

// What becomes of a table's rows when the log is replayed, a person is erased or asks for their record, and
// time passes (act/every_table.cpp).
enum class Origin {
  people,  // what somebody wrote, did or set: a replay leaves it alone
  log,     // emptied by a replay, and made anew from the log
  upkeep,  // how far work has come: marks, leases, caches; or the log itself
};

enum class OfPerson {
  nothing,  // it tells of nobody who is observed
  rows,     // `condition` finds theirs: counted, exported and removed by it alone
  in_code,  // found, exported and removed, or blanked, by code of its own: `condition` names the file
  with,     // goes with the rows of the table that `condition` names
  ours,     // tells what the people of this house did: it stays, and holds no content
};

struct Care {
  Origin origin = Origin::people;
  OfPerson person = OfPerson::nothing;
  // Of `rows`: SQL that is true of a row about one account, with {id}, {name}, {platform}, {server},
  // {address}, {folded_id}, {folded_name} in it.
  std::string_view condition = {};
  std::string_view kept_for = {};  // the rule of retention that removes it, by name; empty: none does
};

// A record within another, whose members are shown beside the other's own.
struct Base {
  const Entity& (*entity)() = nullptr;
  const void* (*of)(const void* record) = nullptr;
};

struct Entity {
  std::string_view name = {};   // in the API's document: "Action"
  std::string_view table = {};  // empty: it goes over the API and is kept nowhere
  Care care = {};
  std::vector<Base> bases = {};        // what it shows before its own members
  std::string_view request_name = {};  // in the document, of one that is taken as well: "ActionChange"
  // In the document, of a request whose members do not all go together: JSON.
  std::string_view example = {};
  std::vector<Field> fields = {};
};

template <typename T>
Entity entity(Entity head, std::initializer_list<FieldOf<T>> fields) {
  head.fields.assign(fields.begin(), fields.end());
  return head;
}

}  // namespace linnet::record
