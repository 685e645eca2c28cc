#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace linnet {

// Memory for the text of one batch: handed out piece by piece, given back all at once. Not thread-safe.
class Arena {
 public:
  // Room for `size` bytes that stays valid until the arena goes or is cleared.
  char* allocate(std::size_t size) {
    if (size > left_) grow(size);
    char* const place = next_;
    next_ += size;
    left_ -= size;
    return place;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* const place = allocate(text.size());
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

  // How many bytes are reserved.
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

 private:
  void grow(std::size_t at_least) {
    static constexpr std::size_t kBlock = 256 << 10U;
    const std::size_t size = at_least > kBlock ? at_least : kBlock;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    next_ = blocks_.back().get();
    left_ = size;
    capacity_ += size;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace linnet
