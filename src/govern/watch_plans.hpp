// What the user wants to be watched, server by server, and in whose name.
#pragma once

#include <map>
#include <set>
#include <string>

#include "connect/account_store.hpp"
#include "store/database.hpp"

namespace linnet::govern {

struct WatchPlan {
  std::string platform;
  std::string base_url;
  std::string token;
  std::string account;  // whose token it is; empty: read as a guest
  std::set<std::string> streams;
};

// By the id of the instance. Of a platform that is switched off nothing is watched, and nothing in the name
// of an account that is: the stream goes on as a guest's, where it can.
Result<std::map<std::int64_t, WatchPlan>> watch_plans(store::Database& database,
                                                      connect::AccountStore& accounts);

}  // namespace linnet::govern
