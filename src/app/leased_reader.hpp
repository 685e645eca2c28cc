// A stream that one process at a time follows, of several on one database: whoever has its lease, from where
// the last one came to.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "connect/connector_health.hpp"
#include "store/leases.hpp"

namespace linnet::app {

class LeasedReader {
 public:
  // From the taking of the lease to its end.
  class Turn {
   public:
    virtual ~Turn() = default;
    // Blocks until stopped, or until nothing more is taken.
    virtual void run(const std::stop_token& stop) = 0;
    [[nodiscard]] virtual connect::ConnectorHealth health() const = 0;
  };
  using Begin = std::function<Result<std::shared_ptr<Turn>>(const store::Fence& under)>;
  using OnChange = std::function<void(const connect::ConnectorHealth&)>;

  // `at_rest` is what it shows while it is not followed here, unless it could not begin. The references
  // outlive it; the destructor stops it.
  LeasedReader(store::Leases& leases, Clock& clock, connect::ConnectorHealth at_rest, Begin begin,
               OnChange on_change);
  ~LeasedReader();
  LeasedReader(const LeasedReader&) = delete;
  LeasedReader& operator=(const LeasedReader&) = delete;

  void request_stop() { thread_.request_stop(); }
  // Waits until it has ended.
  void stop();
  [[nodiscard]] connect::ConnectorHealth health() const;

 private:
  void follow(const std::stop_token& stop);
  bool wait_for_turn(const std::stop_token& stop);
  bool take_turn(const store::Fence& under, const std::stop_token& stop);
  void note_failure(const std::string& failure);

  store::Leases& leases_;
  Clock& clock_;
  const connect::ConnectorHealth at_rest_;
  const Begin begin_;
  const OnChange on_change_;
  std::shared_ptr<store::Claim> claim_;  // the thread's
  Guarded<std::shared_ptr<Turn>> turn_;
  Guarded<std::string> failure_;  // why the last turn could not begin; empty: it could
  std::jthread thread_;           // last: it uses the others
};

}  // namespace linnet::app
