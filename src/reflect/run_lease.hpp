// The lease under which a layer is worked at, kept alive by a thread of its own while a model thinks.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "store/database.hpp"
#include "store/lease.hpp"

namespace linnet::reflect {

// Of a layer there is one at a time, on one database, whoever asks for it. Given back at its end.
class RunLease {
 public:
  // nullptr while another has it.
  static Result<std::unique_ptr<RunLease>> take(store::Database& database, const std::string& layer,
                                                Duration length = std::chrono::seconds(30));
  virtual ~RunLease() = default;
  // Stopped when another took it meanwhile.
  [[nodiscard]] virtual std::stop_token until_lost() const = 0;
  // Within the transaction that writes: `cancelled` when it is held no more, so that nothing is written by
  // one who was taken for dead.
  virtual Status check_held(store::Connection& connection) const = 0;
};

}  // namespace linnet::reflect
