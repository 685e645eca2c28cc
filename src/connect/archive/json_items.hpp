// Cuts the items of a large JSON document's array out of it as the document comes in, without holding it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::connect {

// Finds the array that is the value of one of the names in the outermost object, and hands out each of its
// elements as it stands in the text. What is not well-formed inside an element is for its reader to notice: a
// parser of the whole would end there, and all that follows would be lost. Not thread-safe.
class JsonItems {
 public:
  // An element larger than `max_item_bytes` is left out and counted.
  using OnItem = std::function<Status(std::string_view item)>;
  explicit JsonItems(OnItem on_item, std::size_t max_item_bytes = 8U << 20U)
      : on_item_(std::move(on_item)), max_item_bytes_(max_item_bytes) {}

  // The next piece, cut anywhere. An error of `on_item` ends it and is returned; `invalid` when this is no
  // JSON object.
  Status feed(std::string_view bytes);
  // `invalid` when the document ended early or had no such array.
  Status finish() const;

  [[nodiscard]] std::uint64_t items() const { return items_; }
  [[nodiscard]] std::uint64_t too_large() const { return too_large_; }

 private:
  enum class Place { before, key, colon, value, skipped, in_array, in_item, after };
  Status step(char c);
  Status step_in_item(char c);
  Status step_in_key(char c);
  void step_in_skipped(char c);
  // Whether the character is of a string, quotation marks included.
  bool is_of_string(char c);
  Status end_item();
  void add(char c);

  OnItem on_item_;
  std::size_t max_item_bytes_;
  Place place_ = Place::before;
  bool in_string_ = false;
  bool after_backslash_ = false;
  std::size_t depth_ = 0;  // within what is skipped or within the item
  bool wanted_ = false;    // the key just read
  std::string text_;       // the key, or the item
  std::uint64_t items_ = 0;
  std::uint64_t too_large_ = 0;
  bool is_too_large_ = false;
  bool found_ = false;
};

}  // namespace linnet::connect
