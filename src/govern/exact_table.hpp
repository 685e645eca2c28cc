// Looks a text up among very many: most of what is asked is not there, and that is told by one look at the
// memory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace linnet::govern {

// Filled, built, then read by any number of threads. Open addressing, at most half full; each slot holds a
// part of the hash, so that a key is compared only when it is nearly certain to be the one.
class ExactTable {
 public:
  // `number` is what `find` gives back; a key may have several.
  void add(std::string key, std::uint32_t number) { items_.push_back({std::move(key), number}); }
  void build();

  // Calls `found(number)` for each of the key's numbers; stops when that returns true.
  template <typename Found>
  void find(std::string_view key, Found&& found) const {
    if (slots_.empty()) return;
    const auto hash = std::hash<std::string_view>{}(key);
    for (auto at = hash & mask_; slots_[at].item != 0; at = (at + 1) & mask_) {
      if (slots_[at].tag != tag_of(hash)) continue;
      const auto& item = items_[slots_[at].item - 1];
      if (item.key == key && found(item.number)) return;
    }
  }

 private:
  struct Item {
    std::string key;
    std::uint32_t number = 0;
  };
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t item = 0;  // its place from 1; 0: there is none
  };
  static std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32U); }

  std::vector<Item> items_;
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
};

}  // namespace linnet::govern
