#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.hpp"

namespace linnet::api {

// Answers that may be given again for a moment without being worked out anew. Bounded by bytes: what they
// hold together, and how large one may be to be kept at all. Thread-safe.
class AnswerCache {
 public:
  using Body = std::shared_ptr<const std::string>;
  static constexpr std::size_t kLargest = std::size_t{2} << 20U;
  static constexpr std::size_t kMostBytes = std::size_t{32} << 20U;
  static constexpr Duration kFresh = std::chrono::seconds(1);

  // nullptr when there is none, or it is older than kFresh.
  [[nodiscard]] Body find(std::string_view target, Instant now) const {
    const std::shared_lock lock(mutex_);
    const auto place = answers_.find(target);
    return place != answers_.end() && is_fresh(place->second.made_at, now) ? place->second.body : nullptr;
  }

  void put(std::string_view target, Body body, Instant now) {
    const auto bytes = size_of(target, *body);
    if (bytes > kLargest) return;
    const std::scoped_lock lock(mutex_);
    if (const auto same = answers_.find(target); same != answers_.end()) forget(same);
    forget_old(now);
    while (!order_.empty() && bytes_ + bytes > kMostBytes) forget(answers_.find(*order_.front()));
    const auto place = answers_.emplace(std::string(target), Answer{std::move(body), now, {}}).first;
    place->second.place = order_.insert(order_.end(), &place->first);
    bytes_ += bytes;
  }

  // Gives back the memory of what is not fresh any more. To be called now and then.
  void tidy(Instant now) {
    const std::scoped_lock lock(mutex_);
    forget_old(now);
  }

  [[nodiscard]] std::size_t bytes() const {
    const std::shared_lock lock(mutex_);
    return bytes_;
  }

 private:
  using Order = std::list<const std::string*>;  // oldest first
  struct Answer {
    Body body;
    Instant made_at;
    Order::iterator place;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Answers = std::unordered_map<std::string, Answer, Hash, std::equal_to<>>;

  // A clock that jumps back makes everything old.
  static bool is_fresh(Instant made_at, Instant now) { return now >= made_at && now - made_at < kFresh; }
  static std::size_t size_of(std::string_view target, const std::string& body) {
    constexpr std::size_t kOfEach = 256;  // of the tables around it
    return target.size() + body.size() + kOfEach;
  }

  void forget(Answers::iterator answer) {
    bytes_ -= size_of(answer->first, *answer->second.body);
    order_.erase(answer->second.place);
    answers_.erase(answer);
  }

  void forget_old(Instant now) {
    while (!order_.empty()) {
      const auto oldest = answers_.find(*order_.front());
      if (is_fresh(oldest->second.made_at, now)) return;
      forget(oldest);
    }
  }

  mutable std::shared_mutex mutex_;
  Answers answers_;
  Order order_;
  std::size_t bytes_ = 0;
};

}  // namespace linnet::api
