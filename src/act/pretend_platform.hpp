// A platform in memory, for tests: it does what it is asked, but may lose a request before or after it took
// effect, or carry it out only after it was given up. As Mastodon does, it remembers a key once the order is
// carried out, not while it is. Unlike the fake servers it is inside the program, so that thousands of orders
// take no time.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "connect/acting_connector.hpp"

namespace linnet::act {

class PretendPlatform {
 public:
  struct Faults {
    double lost_before = 0;  // not answered, without effect
    double lost_after = 0;   // not answered, took effect
    double refused_connection = 0;
    double rate_limited = 0;
    double nameless = 0;  // said to be done, without an id
    double blind = 0;     // a look that cannot tell
    double late = 0;      // given up, and takes effect `late_by` after that
    Duration late_by{};
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
  // From now on requests are given up only when they are cut, unanswered and without effect.
  void hang(bool hangs) { hangs_ = hangs; }
  [[nodiscard]] int in_flight() const { return in_flight_; }
  // Called while it is asked about a target, and while an order waits for its turn to be sent.
  std::function<void()> while_asked;
  std::function<void()> while_waiting;
  [[nodiscard]] int times_asked() const { return asked_; }
  void count_question() { ++asked_; }
  // As platforms that recognise a repeated post, but no repeated message.
  void forget_messages() { forgets_messages_ = true; }
  [[nodiscard]] bool forgets_messages() const { return forgets_messages_; }
  void refuse_all(bool refuse) {
    const std::scoped_lock lock(mutex_);
    refuses_ = refuse;
  }
  // How often each text was published, each target liked ….
  std::map<std::string, int> effects() {
    const std::scoped_lock lock(mutex_);
    carry_out_late_ones();
    return effects_;
  }

  // The names of the files that came by themselves, before their post; each is known by its place among them.
  std::vector<std::string> uploads() {
    const std::scoped_lock lock(mutex_);
    return uploads_;
  }
  // It throws away what no post has taken.
  void forget_uploads() {
    const std::scoped_lock lock(mutex_);
    known_uploads_.clear();
  }
  // Those that the post with this text took.
  std::vector<std::string> files_of(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    return files_[text];
  }
  connect::Upload upload(const connect::MediaFile& file) {
    const std::scoped_lock lock(mutex_);
    const auto id = "upload-" + std::to_string(uploads_.size());
    uploads_.push_back(file.name);
    known_uploads_.insert(id);
    return {id};
  }

  connect::Outcome perform(const connect::Order& order, const std::stop_token& stop = {}) {
    if (while_waiting) while_waiting();
    if (const auto wanted = order.still_wanted ? order.still_wanted() : Status(); !wanted) {
      connect::Outcome kept_back;
      kept_back.kind = connect::OutcomeKind::not_sent;
      kept_back.error = wanted.error();
      return kept_back;
    }
    ++in_flight_;
    while (hangs_ && !stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --in_flight_;
    if (hangs_) return failed(connect::OutcomeKind::unknown, ErrorKind::cancelled);
    const std::scoped_lock lock(mutex_);
    carry_out_late_ones();
    connect::Outcome outcome;
    if (refuses_) return failed(connect::OutcomeKind::refused, ErrorKind::invalid);
    for (const auto& file : order.draft.media) {
      if (!known_uploads_.contains(file.uploaded_id))
        return failed(connect::OutcomeKind::refused, ErrorKind::invalid);
    }
    if (chance(faults_.refused_connection))
      return failed(connect::OutcomeKind::not_sent, ErrorKind::unavailable);
    if (chance(faults_.rate_limited)) return failed(connect::OutcomeKind::not_sent, ErrorKind::rate_limited);
    if (chance(faults_.lost_before)) return failed(connect::OutcomeKind::unknown, ErrorKind::unavailable);
    if (chance(faults_.late)) {
      late_ones_.push_back({order, std::chrono::steady_clock::now() + faults_.late_by});
      return failed(connect::OutcomeKind::unknown, ErrorKind::unavailable);
    }
    const bool is_new = take_effect(order);
    if (chance(faults_.lost_after)) return failed(connect::OutcomeKind::unknown, ErrorKind::unavailable);
    if (chance(faults_.nameless)) {
      outcome.kind = connect::OutcomeKind::done;
      return outcome;
    }
    outcome.kind = is_new ? connect::OutcomeKind::done : connect::OutcomeKind::already_done;
    outcome.platform_id = key(order);
    return outcome;
  }

  connect::Evidence look(const connect::Order& order) {
    const std::scoped_lock lock(mutex_);
    carry_out_late_ones();
    connect::Evidence evidence;
    if (chance(faults_.blind)) return evidence;
    const bool is_there = effects_.contains(key(order));
    if (is_there && order.is_repeat && !model::is_idempotent(order.type)) {
      for (int copy = 1; copy < effects_[key(order)]; ++copy) evidence.copies.push_back("another");
    }
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
  // Likes are idempotent; a post is doubled by whoever sends it twice, unless its key is remembered.
  bool take_effect(const connect::Order& order) {
    if (model::is_idempotent(order.type) && effects_.contains(key(order))) return false;
    const bool is_forgotten = forgets_messages_ && order.type == model::ActionType::dm_send;
    const bool is_known = !keys_.insert(order.idempotency_key).second;
    if (is_known && !is_forgotten && !model::is_idempotent(order.type) && !order.idempotency_key.empty())
      return false;
    ++effects_[key(order)];
    for (const auto& file : order.draft.media) files_[order.draft.text].push_back(file.uploaded_id);
    return true;
  }
  // What is being carried out does not look again whether it was done meanwhile.
  void carry_out_late_ones() {
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(late_ones_, [&](const LateOne& one) {
      if (one.at > now) return false;
      ++effects_[key(one.order)];
      keys_.insert(one.order.idempotency_key);
      return true;
    });
  }
  struct LateOne {
    connect::Order order;
    std::chrono::steady_clock::time_point at;
  };

  mutable std::mutex mutex_;
  std::mt19937 random_;
  Faults faults_;
  Result<connect::Target> target_ = connect::Target{};
  bool refuses_ = false;
  std::string restriction_;
  std::atomic<bool> forgets_messages_{false};
  std::atomic<bool> hangs_{false};
  std::atomic<int> in_flight_{0};
  std::atomic<int> asked_{0};
  std::map<std::string, int> effects_;
  std::set<std::string> keys_;
  std::vector<LateOne> late_ones_;
  std::map<std::string, connect::Target> targets_;
  std::vector<std::string> uploads_;
  std::set<std::string> known_uploads_;
  std::map<std::string, std::vector<std::string>> files_;  // by text
};

class PretendConnector final : public connect::ActingConnector {
 public:
  explicit PretendConnector(PretendPlatform& platform) : platform_(platform) {}

  [[nodiscard]] connect::Capabilities capabilities() const override {
    connect::Capabilities all;
    for (int i = 0; i < model::kActionTypes; ++i) all.actions.insert(static_cast<model::ActionType>(i));
    all.media = true;
    all.has_idempotency_key = true;
    all.messages_have_no_key = platform_.forgets_messages();
    return all;
  }
  Result<connect::PlatformLimits> limits(const std::stop_token& /*stop*/) override {
    connect::PlatformLimits limits;
    limits.text_length = 500;
    return limits;
  }
  connect::Upload upload(const connect::MediaFile& file, const connect::Order& /*order*/,
                         const std::stop_token& /*stop*/) override {
    return platform_.upload(file);
  }
  connect::Outcome perform(const connect::Order& order, const std::stop_token& stop) override {
    auto outcome = platform_.perform(order, stop);
    remembered_ = platform_.restriction();
    return outcome;
  }
  Result<connect::Evidence> look(const connect::Order& order, const std::string& /*platform_id*/,
                                 const std::stop_token& /*stop*/) override {
    return platform_.look(order);
  }
  Result<connect::Target> target(const connect::Order& order, const std::stop_token& /*stop*/) override {
    platform_.count_question();
    if (platform_.while_asked) platform_.while_asked();
    // A post of one's own needs no question: nothing is heard of a restriction that ended.
    if (order.target_type != model::TargetType::account) remembered_ = platform_.restriction();
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
  [[nodiscard]] std::string restriction() const override { return remembered_; }
  void forget_restriction() override { remembered_.clear(); }

 private:
  PretendPlatform& platform_;
  std::string remembered_;
};

}  // namespace linnet::act
