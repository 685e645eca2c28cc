// HTTP header fields, as sent and as received.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace linnet::net {

// Header fields in order. Names compare without regard to case; a name may occur more than once.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replaces every field of that name.
  void set(std::string name, std::string value);
  // The first field of that name. The view lives as long as this object is not changed.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // All fields of that name, joined by ", " as RFC 9110 allows; empty when there is none.
  [[nodiscard]] std::string joined(std::string_view name) const;

  [[nodiscard]] bool empty() const { return fields_.empty(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

// A name that is an RFC 9110 token, and a value without CR, LF, NUL or other control characters (tab is
// allowed): what cannot smuggle a second header into a message.
bool is_valid_header_name(std::string_view name);
bool is_valid_header_value(std::string_view value);
// `invalid`, naming the field, when one is not.
Status check_headers(const Headers& headers);

}  // namespace linnet::net
