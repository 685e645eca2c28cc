#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.hpp"

namespace linnet::api {

// Answers that may be given again for a moment without being worked out anew. Thread-safe.
class AnswerCache {
 public:
  using Body = std::shared_ptr<const std::string>;

  // nullptr when there is none, or it is older than kFresh.
  [[nodiscard]] Body find(std::string_view target, Instant now) const {
    const std::shared_lock lock(mutex_);
    const auto place = answers_.find(target);
    return place != answers_.end() && now - place->second.made_at < kFresh ? place->second.body : nullptr;
  }

  void put(std::string_view target, Body body, Instant now) {
    const std::scoped_lock lock(mutex_);
    if (answers_.size() >= kMost) answers_.clear();
    answers_.insert_or_assign(std::string(target), Answer{std::move(body), now});
  }

 private:
  static constexpr std::size_t kMost = 1'000;
  static constexpr Duration kFresh = std::chrono::seconds(1);
  struct Answer {
    Body body;
    Instant made_at;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Answer, Hash, std::equal_to<>> answers_;
};

}  // namespace linnet::api
