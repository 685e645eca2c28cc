// What needs a person's eye, as far as the database knows it: one line for each cause.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "store/connection.hpp"
#include "store/record/entity.hpp"

namespace linnet::act {

struct Notice {
  std::string kind;
  std::string text;
  std::string target;  // id of the action or account; empty: none
};
Result<std::vector<Notice>> list_notices(store::Connection& connection, Instant now);
Result<std::int64_t> count_open_approvals(store::Connection& connection);

}  // namespace linnet::act

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::act::Notice>();
