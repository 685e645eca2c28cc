// The rows that are about a person, found by what each table's description says of that (record/entity.hpp):
// the same for what is counted, handed out and erased. A table that is described so needs no code of its own.
#pragma once

#include <boost/json/array.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "govern/person_key.hpp"
#include "store/record/entity.hpp"

namespace linnet::act {

// Tables whose rows go with the person.
const std::vector<const record::Entity*>& tables_about_people();

// One account of a person, in the words of the conditions.
class PersonRows {
 public:
  static Result<PersonRows> of(store::Connection& connection, const observe::PersonAccount& account);

  // Their ids.
  Status for_each(const record::Entity& table, const std::function<void(std::string_view id)>& on_id) const;
  // What of them is theirs to have, oldest first.
  Status list(const record::Entity& table, boost::json::array& into) const;
  Status erase(const record::Entity& table) const;

 private:
  struct Bound {
    std::string condition;
    std::vector<store::Value> values;  // borrowed from this object
  };
  [[nodiscard]] Result<Bound> bind(std::string_view condition) const;

  store::Connection* connection_ = nullptr;
  std::vector<std::pair<std::string_view, std::string>> terms_;
};

}  // namespace linnet::act
