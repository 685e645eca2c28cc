// Which topics a layer is about, as its file says it: «salience > 50 AND (last_reflected_days_ago > 1 OR NOT
// insight_count >= 3)».
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace linnet::reflect {

// What a filter may ask of a topic.
struct TopicFacts {
  double salience = 0;
  // A topic that was never reflected on was so for ever.
  double last_reflected_days_ago = std::numeric_limits<double>::infinity();
  double insight_count = 0;  // those that are in force
};

// AND binds tighter than OR, NOT tighter than both; the words are taken in either case.
class TargetFilter {
 public:
  // Of every topic.
  TargetFilter() = default;
  // `invalid` says at which column (from 1) of the text what was expected; `column` is set to it.
  static Result<TargetFilter> parse(std::string_view text, int* column = nullptr);

  [[nodiscard]] bool matches(const TopicFacts& topic) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  friend class FilterParser;
  enum class Kind : std::uint8_t { both, either, isnt, compare };
  enum class Figure : std::uint8_t { salience, last_reflected_days_ago, insight_count };
  enum class Order : std::uint8_t { more, at_least, less, at_most, equal, unequal };
  // Of the parts of an expression, those that it is made of stand before it.
  struct Part {
    Kind kind = Kind::compare;
    std::size_t left = 0, right = 0;
    Figure figure = Figure::salience;
    Order order = Order::more;
    double number = 0;
  };
  [[nodiscard]] static bool holds(const Part& part, const TopicFacts& topic);

  std::string text_;
  std::vector<Part> parts_;  // the last is the whole
};

}  // namespace linnet::reflect
