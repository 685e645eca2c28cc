// What a prompt's variables stand for. Whoever gives one says whether it is Linnet's own or came from
// outside: what came from outside is always marked as data in the prompt, and never stands there as an
// instruction.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace linnet::llm {

class Variable;
using Variables = std::map<std::string, Variable, std::less<>>;

class Variable {
 public:
  // Linnet's own words: a date, a name of a category, a number. Never a stranger's.
  static Variable ours(std::string text) { return Variable(Ours{std::move(text)}); }
  // Whatever came from the network or was made of it.
  static Variable data(std::string text) { return Variable(Data{std::move(text)}); }
  static Variable yes_or_no(bool yes) { return Variable(yes); }
  // For {{#name}}…{{/name}}: once for each.
  static Variable list(std::vector<Variables> items);

  struct Ours {
    std::string text;
  };
  struct Data {
    std::string text;
  };
  struct List {
    std::vector<Variables> items;
  };
  using Held = std::variant<Ours, Data, bool, List>;
  [[nodiscard]] const Held& held() const { return held_; }

 private:
  explicit Variable(Held held) : held_(std::move(held)) {}
  Held held_;
};

inline Variable Variable::list(std::vector<Variables> items) {
  return Variable(List{std::move(items)});
}

}  // namespace linnet::llm
