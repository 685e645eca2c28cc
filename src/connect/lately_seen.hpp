// What was handed on lately, so that it is not handed on again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>

namespace linnet::connect {

// By hashes; of very many the oldest are forgotten. One thread at a time.
class LatelySeen {
 public:
  static constexpr std::size_t kMost = 20'000;

  [[nodiscard]] bool contains(std::uint64_t hash) const { return known_.contains(hash); }

  void add(std::uint64_t hash) {
    if (!known_.insert(hash).second) return;
    order_.push_back(hash);
    if (order_.size() <= kMost) return;
    known_.erase(order_.front());
    order_.pop_front();
  }

 private:
  std::unordered_set<std::uint64_t> known_;
  std::deque<std::uint64_t> order_;
};

}  // namespace linnet::connect
