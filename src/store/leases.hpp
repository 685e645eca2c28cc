// The leases that this process wants, and those it has: one thread takes them, says in time that it lives,
// and sees to it that each process has its share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "store/database.hpp"
#include "store/lease.hpp"

namespace linnet::store {

// What one part of the program wants to do alone. Belongs to one thread, which asks; thread-safe beside the
// keeper's.
class Claim {
 public:
  explicit Claim(std::string name) : name_(std::move(name)) {}
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  // Whether it may go on, by a clock that nobody sets and without asking the database. False also when
  // another process is to have it: then give_back() is expected soon.
  [[nodiscard]] bool is_held() const;
  // The present holding; nullopt: none.
  [[nodiscard]] std::optional<Fence> fence() const;
  // Waits until it is held; false when stopped.
  bool wait(const std::stop_token& stop);
  // The same, for no longer than that.
  bool wait_for(Duration patience, const std::stop_token& stop);
  // Stopped when it is to be done no more: lost, or to be given back.
  [[nodiscard]] std::stop_token until_lost() const;
  // Nothing is done under it any more, until it is held again: at once, where nobody else may have it.
  void give_back();
  // For one who asks now and then, and works in between: whether it may, and gives back what is to be given.
  bool may_work();

 private:
  friend class LeaseKeeper;
  using Steady = std::chrono::steady_clock;
  enum class State { wanted, held, to_give_back };

  void hold(Fence fence, Steady::time_point until);
  // With nobody else who might have it: from now on it is held whenever it is asked for.
  void hold_for_good(Fence fence);
  void extend(std::int64_t token, Steady::time_point until);
  void lose();
  void ask_back();
  void heed_time(Steady::time_point now);
  bool may_begin();
  void free_for_another_turn();
  [[nodiscard]] bool is_good(Steady::time_point now) const {
    return state_ == State::held && now < until_ && !lost_.stop_requested();
  }

  const std::string name_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  State state_ = State::wanted;
  bool is_alone_ = false;
  std::optional<Fence> fence_;
  Steady::time_point until_{};
  std::stop_source lost_;
};

struct LeasesOptions {
  // Whoever is killed is missed for so long.
  Duration length = std::chrono::seconds(5);
  // Its holder stops so much before others take it.
  Duration margin = std::chrono::seconds(1);
  Duration beat = std::chrono::milliseconds(500);
};

// Thread-safe. With an embedded database there is one process, which has all that it wants.
class Leases {
 public:
  static Result<std::unique_ptr<Leases>> start(Database& database, const LeasesOptions& options = {});
  // Gives back what it has; the claims are gone by then, or held no more.
  virtual ~Leases() = default;

  // This run of the program.
  [[nodiscard]] virtual const std::string& process() const = 0;
  // How many serve the database now, this one counted.
  [[nodiscard]] virtual int processes() const = 0;
  // Whether another ended: it gave no sign of life for as long as this one looked, by this one's own clock.
  [[nodiscard]] virtual bool is_gone(const std::string& process) const = 0;
  // Whether it serves the database and is not known to have ended. Of whom leases tell nothing, neither.
  [[nodiscard]] virtual bool is_there(const std::string& process) const = 0;
  // From now on the lease is wanted, until the claim goes. Of one name there is one claim in a process. The
  // first word of the name says what it is for: of each such kind every process gets its share.
  virtual std::shared_ptr<Claim> want(std::string name) = 0;
};

}  // namespace linnet::store
