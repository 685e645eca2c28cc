#include "reflect/target_filter.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace linnet::reflect {

// Recursive descent, as deep as there are parentheses and NOTs.
class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : text_(text) {}

  Result<TargetFilter> parse() {
    constexpr std::size_t kLongest = 2'000;
    if (text_.size() > kLongest) return wrong(fmt::format("at most {} characters", kLongest));
    skip_spaces();
    if (at_ == text_.size()) return wrong("a comparison such as salience > 50");
    LINNET_TRY(const auto whole, either(0));
    (void)whole;
    if (at_ != text_.size()) return wrong("AND, OR, or the end");
    filter_.text_ = std::string(text_);
    return std::move(filter_);
  }
  [[nodiscard]] int column() const { return static_cast<int>(at_) + 1; }

 private:
  using Part = TargetFilter::Part;
  using Kind = TargetFilter::Kind;
  using Figure = TargetFilter::Figure;
  using Order = TargetFilter::Order;
  static constexpr int kDeepest = 50;

  Error wrong(std::string_view expected) const {
    const auto rest = text_.substr(at_);
    return invalid(rest.empty() ? fmt::format("column {}: expected {}, and it ends here", column(), expected)
                                : fmt::format("column {}: expected {}, got \"{}\"", column(), expected,
                                              truncate_utf8(rest, 30)));
  }

  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  static bool is_of_word(char c) { return ascii::is_alphanumeric(c) || c == '_'; }
  [[nodiscard]] std::string_view next_word() const {
    std::size_t end = at_;
    while (end < text_.size() && is_of_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view word) {
    if (!ascii::equal_ignoring_case(next_word(), word)) return false;
    at_ += word.size();
    skip_spaces();
    return true;
  }
  bool take(std::string_view sign) {
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    skip_spaces();
    return true;
  }
  std::size_t add(const Part& part) {
    filter_.parts_.push_back(part);
    return filter_.parts_.size() - 1;
  }

  Result<std::size_t> either(int depth) {
    LINNET_TRY(auto left, both(depth));
    while (take_word("or")) {
      LINNET_TRY(const auto right, both(depth));
      left = add({.kind = Kind::either, .left = left, .right = right});
    }
    return left;
  }

  Result<std::size_t> both(int depth) {
    LINNET_TRY(auto left, one(depth));
    while (take_word("and")) {
      LINNET_TRY(const auto right, one(depth));
      left = add({.kind = Kind::both, .left = left, .right = right});
    }
    return left;
  }

  Result<std::size_t> one(int depth) {
    if (depth > kDeepest)
      return wrong(fmt::format("at most {} parentheses and NOTs within one another", kDeepest));
    if (take_word("not")) {
      LINNET_TRY(const auto inner, one(depth + 1));
      return add({.kind = Kind::isnt, .left = inner});
    }
    if (take("(")) {
      LINNET_TRY(const auto inner, either(depth + 1));
      if (!take(")")) return wrong("AND, OR or \")\"");
      return inner;
    }
    return comparison();
  }

  Result<std::size_t> comparison() {
    constexpr std::array<std::pair<std::string_view, Figure>, 3> kFigures{
        {{"salience", Figure::salience},
         {"last_reflected_days_ago", Figure::last_reflected_days_ago},
         {"insight_count", Figure::insight_count}}};
    std::optional<Figure> figure;
    for (const auto& [name, one_of] : kFigures) {
      if (next_word() == name) figure = one_of;
    }
    if (!figure) return wrong("salience, last_reflected_days_ago, insight_count, NOT or \"(\"");
    at_ += next_word().size();
    skip_spaces();
    LINNET_TRY(const auto order, read_order());
    LINNET_TRY(const auto number, read_number());
    return add({.figure = *figure, .order = order, .number = number});
  }

  Result<Order> read_order() {
    // The longer ones first.
    constexpr std::array<std::pair<std::string_view, Order>, 7> kOrders{{{">=", Order::at_least},
                                                                         {"<=", Order::at_most},
                                                                         {"!=", Order::unequal},
                                                                         {"==", Order::equal},
                                                                         {">", Order::more},
                                                                         {"<", Order::less},
                                                                         {"=", Order::equal}}};
    for (const auto& [sign, order] : kOrders)
      if (take(sign)) return order;
    return wrong("one of > >= < <= = !=");
  }

  Result<double> read_number() {
    const auto rest = text_.substr(at_);
    std::size_t length = 0;
    while (length < rest.size() && (ascii::is_digit(rest[length]) || rest[length] == '.')) ++length;
    double number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + length, number);
    const bool is_whole = length > 0 && error == std::errc() && end == rest.data() + length;
    if (!is_whole || (length < rest.size() && is_of_word(rest[length])))
      return wrong("a number such as 50 or 1.5");
    at_ += length;
    skip_spaces();
    return number;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  TargetFilter filter_;
};

Result<TargetFilter> TargetFilter::parse(std::string_view text, int* column) {
  FilterParser parser(text);
  auto filter = parser.parse();
  if (!filter && column != nullptr) *column = parser.column();
  return filter;
}

bool TargetFilter::holds(const Part& part, const TopicFacts& topic) {
  const auto figure = part.figure == Figure::salience                  ? topic.salience
                      : part.figure == Figure::last_reflected_days_ago ? topic.last_reflected_days_ago
                                                                       : topic.insight_count;
  switch (part.order) {
    case Order::more:
      return figure > part.number;
    case Order::at_least:
      return figure >= part.number;
    case Order::less:
      return figure < part.number;
    case Order::at_most:
      return figure <= part.number;
    case Order::equal:
      return figure == part.number;
    case Order::unequal:
      return figure != part.number;
  }
  return false;
}

bool TargetFilter::matches(const TopicFacts& topic) const {
  std::vector<bool> known;
  known.reserve(parts_.size());
  for (const auto& part : parts_) {
    switch (part.kind) {
      case Kind::both:
        known.push_back(known[part.left] && known[part.right]);
        break;
      case Kind::either:
        known.push_back(known[part.left] || known[part.right]);
        break;
      case Kind::isnt:
        known.push_back(!known[part.left]);
        break;
      case Kind::compare:
        known.push_back(holds(part, topic));
        break;
    }
  }
  return known.empty() || known.back();
}

}  // namespace linnet::reflect
