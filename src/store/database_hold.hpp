// Who works on a PostgreSQL database, from whichever machine: several `linnet serve` together, or one command
// that must not run beside any. For an embedded database the lock on its file does that, and there is one.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "store/database.hpp"

namespace linnet::store {

class DatabaseHold {
 public:
  // For itself alone: `conflict` when anybody holds it; names its process. The server lets go of it with the
  // connection, also when the process is killed: then it is taken again, and `on_lost` is called when another
  // was faster. `who` is what others are told of this process.
  static Result<std::unique_ptr<DatabaseHold>> take(Database& database, Clock& clock,
                                                    std::function<void(const Error&)> on_lost,
                                                    std::string_view who = "linnet serve");
  // Together with others who join. Where the schema is not up to date, `bring_up_to_date` is called with
  // nobody else there: under those who know an older one nothing is changed. `conflict` where one who holds
  // it alone, or others while it is to be changed, are waited for longer than `patience`.
  static Result<std::unique_ptr<DatabaseHold>> join(Database& database, Clock& clock,
                                                    std::function<void(const Error&)> on_lost,
                                                    const std::function<Status()>& bring_up_to_date,
                                                    Duration patience = std::chrono::seconds(20));
  virtual ~DatabaseHold() = default;
};

}  // namespace linnet::store
