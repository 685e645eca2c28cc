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

  // `at_rest` is what it shows while another follows it. The references outlive it; the destructor stops it.
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
  bool take_turn(const store::Fence& under, const std::stop_token& stop);

  Clock& clock_;
  const connect::ConnectorHealth at_rest_;
  const Begin begin_;
  const OnChange on_change_;
  const std::shared_ptr<store::Claim> claim_;
  Guarded<std::shared_ptr<Turn>> turn_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace linnet::app
