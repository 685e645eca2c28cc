// The blocklist's regular expressions: RE2, which takes time in proportion to the text whatever the pattern.
#pragma once

#include <re2/re2.h>
#include <re2/set.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace linnet::govern {

// As every pattern of the blocklist is read: without regard to case unless it says (?-i), its characters
// composed. `ok()` of what comes back tells whether RE2 takes it.
std::unique_ptr<RE2> compile_pattern(std::string_view pattern);

// Many patterns, matched at once. Filled, built, then read by any number of threads.
class PatternTable {
 public:
  // `number` is what `match` gives back. A pattern that RE2 does not take is left out, and logged.
  void add(std::string_view pattern, std::size_t number);
  void build();

  // The numbers of all that fit somewhere in the text as it is written, or in its NFKC form.
  [[nodiscard]] std::vector<std::size_t> match(std::string_view text) const;
  [[nodiscard]] bool empty() const { return single_.empty(); }

 private:
  void match_form(std::string_view text, std::vector<std::size_t>& found) const;

  std::vector<std::size_t> numbers_;
  std::vector<std::unique_ptr<RE2>> single_;  // for where the set runs out of memory
  std::unique_ptr<RE2::Set> set_;
};

}  // namespace linnet::govern
