// Takes single values out of a dispatch as far as they can be understood, and notes those that cannot. Null
// and absent are the same, and nothing to be noted.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/instant.hpp"
#include "model/sighting_parts.hpp"

namespace linnet::connect::discord {

class DispatchFields {
 public:
  using Object = simdjson::dom::object;

  // Both outlive it.
  DispatchFields(Arena& arena, std::string& left_out) : arena_(arena), left_out_(left_out) {}

  // A snowflake, written as text or as a number.
  model::MaybeText id(const Object& object, std::string_view name);
  // The same; empty where there is none.
  std::string_view id_or_none(const Object& object, std::string_view name) {
    return id(object, name).value_or(std::string_view());
  }
  model::MaybeText text(const Object& object, std::string_view name);
  std::optional<Instant> time(const Object& object, std::string_view name);
  std::optional<std::int64_t> number(const Object& object, std::string_view name);
  bool flag(const Object& object, std::string_view name);
  std::optional<Object> object(const Object& object, std::string_view name);
  std::optional<simdjson::dom::array> list(const Object& object, std::string_view name);
  // The snowflakes in a list; what else stands there is passed over.
  std::vector<std::string_view> ids(const Object& object, std::string_view name);
  // Permissions are numbers too large for JSON, as text.
  std::optional<std::uint64_t> bits(const Object& object, std::string_view name);

  // Calls `take` for each member of the list that is an object.
  template <typename Take>
  void each(const Object& object, std::string_view name, Take&& take) {
    const auto all = list(object, name);
    if (!all) return;
    for (const auto item : *all) {
      Object one;
      if (item.get_object().get(one) == simdjson::SUCCESS)
        take(one);
      else
        leave_out(name, "a list of objects");
    }
  }

  void leave_out(std::string_view name, std::string_view expected);
  std::string_view keep(std::string_view text);

 private:
  // Null is as good as absent.
  static std::optional<simdjson::dom::element> find(const Object& object, std::string_view name);

  Arena& arena_;
  std::string& left_out_;
};

}  // namespace linnet::connect::discord
