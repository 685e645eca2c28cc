// Which messages were handed on lately: what was read after a gap comes by the gateway as well.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_set>

#include "base/guarded.hpp"

namespace linnet::connect::discord {

// Thread-safe.
class SeenMessages {
 public:
  // False where it was there already.
  bool add(std::uint64_t id) {
    return memory_.with([&](Memory& memory) {
      if (!memory.known.insert(id).second) return false;
      memory.order.push_back(id);
      if (memory.order.size() > kMost) {
        memory.known.erase(memory.order.front());
        memory.order.pop_front();
      }
      return true;
    });
  }

 private:
  static constexpr std::size_t kMost = 50'000;
  struct Memory {
    std::unordered_set<std::uint64_t> known;
    std::deque<std::uint64_t> order;
  };
  Guarded<Memory> memory_;
};

}  // namespace linnet::connect::discord
