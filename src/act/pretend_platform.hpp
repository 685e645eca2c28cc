// A platform in memory, for tests: it does what it is asked, but may lose a request before or after it took
// effect. Unlike the fake servers it is inside the program, so that thousands of orders take no time.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include "connect/acting_connector.hpp"

namespace linnet::act {

class PretendPlatform {
 public:
  struct Faults {
    double lost_before = 0;  // not answered, without effect
    double lost_after = 0;   // not answered, took effect
    double refused_connection = 0;
    double rate_limited = 0;
    double blind = 0;  // a look that cannot tell
  };

  explicit PretendPlatform(unsigned seed = 1) : random_(seed) {}

  void set_faults(const Faults& faults) {
    const std::scoped_lock lock(mutex_);
    faults_ = faults;
  }
  // What it says of whatever it is asked about.
  void set_target(Result<connect::Target> target) {
    const std::scoped_lock lock(mutex_);
    target_ = std::move(target);
  }
  // What it says of this target.
  void set_target(const std::string& id, connect::Target target) {
    const std::scoped_lock lock(mutex_);
    targets_[id] = std::move(target);
  }
  Result<connect::Target> target(const std::string& id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = targets_.find(id);
    return found == targets_.end() ? target_ : found->second;
  }
  // What it says of a restriction of whoever asks.
  void restrict(std::string said) {
    const std::scoped_lock lock(mutex_);
    restriction_ = std::move(said);
  }
  std::string restriction() const {
    const std::scoped_lock lock(mutex_);
    return restriction_;
  }
  // Somebody takes everything back, on the platform.
  void forget_effects() {
    const std::scoped_lock lock(mutex_);
    effects_.clear();
  }
  // As platforms that recognise a repeated post, but no repeated message.
  void forget_messages() { forgets_messages_ = true; }
  [[nodiscard]] bool forgets_messages() const { return forgets_messages_; }
  void refuse_all(bool refuse) {
    const std::scoped_lock lock(mutex_);
    refuses_ = refuse;
  }
  // How often each text was published, each target liked ….
  std::map<std::string, int> effects() const {
    const std::scoped_lock lock(mutex_);
    return effects_;
  }

  connect::Outcome perform(const connect::Order& order) {
    const std::scoped_lock lock(mutex_);
    connect::Outcome outcome;
    if (refuses_) return failed(connect::OutcomeKind::refused, ErrorKind::invalid);
    if (chance(faults_.refused_connection))
      return failed(connect::OutcomeKind::not_sent, ErrorKind::unavailable);
    if (chance(faults_.rate_limited)) return failed(connect::OutcomeKind::not_sent, ErrorKind::rate_limited);
    if (chance(faults_.lost_before)) return failed(connect::OutcomeKind::unknown, ErrorKind::unavailable);
    const bool is_new = take_effect(order);
    if (chance(faults_.lost_after)) return failed(connect::OutcomeKind::unknown, ErrorKind::unavailable);
    outcome.kind = is_new ? connect::OutcomeKind::done : connect::OutcomeKind::already_done;
    outcome.platform_id = key(order);
    return outcome;
  }

  connect::Evidence look(const connect::Order& order) {
    const std::scoped_lock lock(mutex_);
    connect::Evidence evidence;
    if (chance(faults_.blind)) return evidence;
    const bool is_there = effects_.contains(key(order));
    evidence.shown = is_there ? connect::Evidence::Shown::yes : connect::Evidence::Shown::no;
    evidence.confidence = 0.95;
    evidence.platform_id = key(order);
    return evidence;
  }

 private:
  static connect::Outcome failed(connect::OutcomeKind kind, ErrorKind error) {
    connect::Outcome outcome;
    outcome.kind = kind;
    outcome.error = Error::of(error, "the platform did not answer");
    return outcome;
  }
  bool chance(double share) { return std::uniform_real_distribution<>(0, 1)(random_) < share; }
  static std::string key(const connect::Order& order) {
    return std::string(model::to_string(order.type)) + " " + order.target_id + " " + order.draft.text;
  }
  // Likes are idempotent; posts are doubled by whoever sends them twice.
  bool take_effect(const connect::Order& order) {
    if (model::is_idempotent(order.type) && effects_.contains(key(order))) return false;
    ++effects_[key(order)];
    return true;
  }

  mutable std::mutex mutex_;
  std::mt19937 random_;
  Faults faults_;
  Result<connect::Target> target_ = connect::Target{};
  bool refuses_ = false;
  std::string restriction_;
  std::atomic<bool> forgets_messages_{false};
  std::map<std::string, int> effects_;
  std::map<std::string, connect::Target> targets_;
};

class PretendConnector final : public connect::ActingConnector {
 public:
  explicit PretendConnector(PretendPlatform& platform) : platform_(platform) {}

  [[nodiscard]] connect::Capabilities capabilities() const override {
    connect::Capabilities all;
    for (int i = 0; i < model::kActionTypes; ++i) all.actions.insert(static_cast<model::ActionType>(i));
    all.has_idempotency_key = true;  // as far as looking is concerned: a lost request is lost for good
    all.messages_have_no_key = platform_.forgets_messages();
    return all;
  }
  Result<connect::PlatformLimits> limits(const std::stop_token& /*stop*/) override {
    return connect::PlatformLimits{};
  }
  connect::Outcome perform(const connect::Order& order, const std::stop_token& /*stop*/) override {
    return platform_.perform(order);
  }
  Result<connect::Evidence> look(const connect::Order& order, const std::string& /*platform_id*/,
                                 const std::stop_token& /*stop*/) override {
    return platform_.look(order);
  }
  Result<connect::Target> target(const connect::Order& order, const std::stop_token& /*stop*/) override {
    return platform_.target(order.target_id);
  }
  Result<std::vector<connect::ThreadSeen>> threads(const std::stop_token& /*stop*/) override {
    return std::vector<connect::ThreadSeen>{};
  }
  Result<std::vector<connect::MessageSeen>> messages(const connect::ThreadSeen& /*thread*/,
                                                     const std::stop_token& /*stop*/) override {
    return std::vector<connect::MessageSeen>{};
  }
  Status check_credentials(const std::stop_token& /*stop*/) override { return {}; }
  [[nodiscard]] std::string restriction() const override { return platform_.restriction(); }

 private:
  PretendPlatform& platform_;
};

}  // namespace linnet::act
