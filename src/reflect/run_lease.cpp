#include "reflect/run_lease.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "base/secret_box.hpp"
#include "reflect/runs.hpp"

namespace linnet::reflect {
namespace {

// Has a connection of its own: the server sees by it that the process lives (PostgreSQL).
class HeldRunLease final : public RunLease {
 public:
  HeldRunLease(std::unique_ptr<store::Connection> connection, store::Fence fence, Duration length)
      : connection_(std::move(connection)), fence_(std::move(fence)), length_(length) {
    keeper_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
  }
  ~HeldRunLease() override {
    keeper_.request_stop();
    keeper_.join();
    // Where that fails it runs out by itself.
    if (const auto given = give_back(); !given) log::error("layers: {}", given.error().message);
  }
  [[nodiscard]] std::stop_token until_lost() const override { return lost_.get_token(); }
  Status check_held(store::Connection& connection) const override {
    LINNET_TRY(const bool is_still_held, store::is_held(connection, fence_));
    if (is_still_held) return {};
    return Error::of(ErrorKind::cancelled, "another process works at the layer now");
  }

 private:
  void keep(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any waiting;
    std::unique_lock lock(mutex);
    while (true) {
      waiting.wait_for(lock, stop, length_ / 4, [] { return false; });
      if (stop.stop_requested()) return;
      const auto is_ours = renew();
      if (!is_ours) log::error("layers: {}", is_ours.error().message);
      if (is_ours && !*is_ours) lost_.request_stop();
    }
  }
  Result<bool> renew() {
    LINNET_TRY(auto transaction, store::Transaction::begin(*connection_));
    LINNET_TRY(const auto held, store::renew_leases(*connection_, fence_.holder, length_));
    LINNET_CHECK(transaction.commit());
    const auto found = held.find(fence_.name);
    return found != held.end() && found->second == fence_.token;
  }
  Status give_back() {
    LINNET_TRY(auto transaction, store::Transaction::begin(*connection_));
    LINNET_CHECK(store::give_lease_back(*connection_, fence_));
    return transaction.commit();
  }

  const std::unique_ptr<store::Connection> connection_;
  const store::Fence fence_;
  const Duration length_;
  std::stop_source lost_;
  std::jthread keeper_;
};

}  // namespace

Result<std::unique_ptr<RunLease>> RunLease::take(store::Database& database, const std::string& layer,
                                                 Duration length) {
  LINNET_TRY(const auto holder, make_uuid_v4());
  LINNET_TRY(auto connection, database.connect(store::Part::tables));
  LINNET_CHECK(store::show_session(*connection, holder));
  LINNET_TRY(auto transaction, store::Transaction::begin(*connection));
  LINNET_TRY(auto fence, store::take_lease(*connection, lease_of_layer(layer), holder, length));
  if (!fence) return std::unique_ptr<RunLease>();
  LINNET_CHECK(transaction.commit());
  return std::unique_ptr<RunLease>(
      std::make_unique<HeldRunLease>(std::move(connection), std::move(*fence), length));
}

}  // namespace linnet::reflect
