#include "connect/archive/json_items.hpp"

namespace linnet::connect {
namespace {

constexpr std::size_t kLongestKey = 256;

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
constexpr bool opens(char c) {
  return c == '{' || c == '[';
}
constexpr bool closes(char c) {
  return c == '}' || c == ']';
}

}  // namespace

Status JsonItems::feed(std::string_view bytes) {
  // A byte order mark, as some programs write.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    // Most bytes stand in the strings of items: they are taken in one piece.
    if (place_ == Place::in_item && in_string_ && !after_backslash_) {
      const auto end = std::min(bytes.find_first_of("\"\\", i), bytes.size());
      if (text_.size() + (end - i) > max_item_bytes_) is_too_large_ = true;
      if (!is_too_large_) text_.append(bytes.substr(i, end - i));
      i = end;
      if (i == bytes.size()) break;
    }
    LINNET_CHECK(step(bytes[i]));
  }
  return {};
}

Status JsonItems::finish() const {
  if (!found_) return invalid("expected a JSON object with a list of items in it (orderedItems)");
  if (place_ != Place::after) return invalid("the JSON ends early");
  return {};
}

void JsonItems::add(char c) {
  if (text_.size() >= max_item_bytes_) is_too_large_ = true;
  if (!is_too_large_) text_ += c;
}

Status JsonItems::end_item() {
  if (is_too_large_) {
    ++too_large_;
  } else if (!text_.empty()) {
    ++items_;
    LINNET_CHECK(on_item_(text_));
  }
  text_.clear();
  is_too_large_ = false;
  return {};
}

bool JsonItems::is_of_string(char c) {
  if (!in_string_) {
    in_string_ = c == '"';
    return in_string_;
  }
  if (after_backslash_) {
    after_backslash_ = false;
  } else if (c == '\\') {
    after_backslash_ = true;
  } else if (c == '"') {
    in_string_ = false;
  }
  return true;
}

Status JsonItems::step_in_item(char c) {
  if (!in_string_ && depth_ == 0) {
    if (c == ',' || c == ']') {
      place_ = c == ',' ? Place::in_array : Place::skipped;
      return end_item();
    }
    if (is_space(c)) return {};
  }
  add(c);
  if (is_of_string(c)) return {};
  if (opens(c)) ++depth_;
  if (closes(c) && depth_ > 0) --depth_;
  return {};
}

Status JsonItems::step_in_key(char c) {
  const bool was_in_string = in_string_;
  if (is_of_string(c)) {
    if (!was_in_string) {
      text_.clear();
    } else if (!in_string_) {
      wanted_ = text_ == "orderedItems" || text_ == "items";
      place_ = Place::colon;
    } else if (text_.size() < kLongestKey) {
      text_ += c;
    }
  } else if (c == '}') {
    place_ = Place::after;
  } else if (c != ',' && !is_space(c)) {
    return invalid("expected the name of a field in the JSON object");
  }
  return {};
}

void JsonItems::step_in_skipped(char c) {
  if (is_of_string(c)) return;
  if (opens(c)) {
    ++depth_;
  } else if (closes(c) && depth_ > 0) {
    --depth_;
  } else if (depth_ == 0 && c == ',') {
    place_ = Place::key;
  } else if (depth_ == 0 && c == '}') {
    place_ = Place::after;
  }
}

Status JsonItems::step(char c) {
  switch (place_) {
    case Place::before:
      if (c == '{') {
        place_ = Place::key;
      } else if (!is_space(c) && c != '\xEF' && c != '\xBB' && c != '\xBF') {
        return invalid("expected a JSON object");
      }
      return {};
    case Place::key:
      return step_in_key(c);
    case Place::colon:
      if (c == ':') {
        place_ = Place::value;
      } else if (!is_space(c)) {
        return invalid("expected a colon in the JSON object");
      }
      return {};
    case Place::value:
      if (is_space(c)) return {};
      text_.clear();
      depth_ = 0;
      if (c == '[' && wanted_) {
        found_ = true;
        place_ = Place::in_array;
        return {};
      }
      place_ = Place::skipped;
      if (!is_of_string(c) && opens(c)) depth_ = 1;
      return {};
    case Place::skipped:
      step_in_skipped(c);
      return {};
    case Place::in_array:
      if (is_space(c) || c == ',') return {};
      if (c == ']') {
        place_ = Place::skipped;
        depth_ = 0;
        return {};
      }
      place_ = Place::in_item;
      depth_ = 0;
      return step_in_item(c);
    case Place::in_item:
      return step_in_item(c);
    case Place::after:
      return {};
  }
  return {};
}

}  // namespace linnet::connect
