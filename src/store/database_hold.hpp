// One `linnet serve` for a PostgreSQL database, from whichever machine: two would read the same streams into
// it and work at the same actions. Commands that must not run beside one hold it as well. For an embedded
// database the lock on its file does that.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "store/database.hpp"

namespace linnet::store {

class DatabaseHold {
 public:
  // `conflict` when another holds it; names its process. The server lets go of it with the connection, also
  // when the process is killed: then it is taken again, and `on_lost` is called when another was faster.
  // `who` is what others are told of this process.
  static Result<std::unique_ptr<DatabaseHold>> take(Database& database, Clock& clock,
                                                    std::function<void(const Error&)> on_lost,
                                                    std::string_view who = "linnet serve");
  virtual ~DatabaseHold() = default;
};

}  // namespace linnet::store
