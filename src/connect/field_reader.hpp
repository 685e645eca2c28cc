// Takes single values out of JSON as far as they can be understood, and notes those that cannot.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "base/instant.hpp"
#include "connect/log_lines.hpp"
#include "model/sighting.hpp"

namespace linnet::connect {

// Keys are compared as they stand in the document; none that matters needs an escape.
std::string_view raw_key(simdjson::ondemand::field& field);

// Null and absent are the same, and nothing to be noted.
class FieldReader {
 public:
  using Value = simdjson::ondemand::value;

  explicit FieldReader(Arena& arena) : arena_(arena) {}

  // An id: a text, or a whole number, which is kept as text.
  FieldError required_id(std::string_view field, Value value, std::string_view& out);
  model::MaybeText id(std::string_view field, Value value);
  model::MaybeText text(std::string_view field, Value value);
  std::optional<Instant> time(std::string_view field, Value value);
  bool flag(std::string_view field, Value value);
  // From 0 to 2^53: beyond it numbers of JSON are not exact. Hidden counts come as -1.
  std::optional<std::int64_t> count(std::string_view field, Value value);
  // False where it is none; then nothing of it was read.
  bool array(std::string_view field, Value value, simdjson::ondemand::array& out);
  bool object(std::string_view field, Value value, simdjson::ondemand::object& out);

  void leave_out(std::string_view field, std::string_view why);
  std::string take_left_out() { return std::exchange(left_out_, {}); }

 private:
  static constexpr std::size_t kMostWords = 500;  // bytes of left_out_

  model::MaybeText whole_number(Value value);
  bool is_null(Value value);
  void leave_out(std::string_view field, std::string_view expected, Value got);

  Arena& arena_;
  std::string left_out_;
};

}  // namespace linnet::connect
