#include "govern/keyword_automaton.hpp"

#include <algorithm>

namespace linnet::govern {

KeywordAutomaton::KeywordAutomaton(const std::vector<std::string>& words) {
  for (const auto& word : words) {
    longest_ = std::max(longest_, word.size());
    for (const char c : word) {
      auto& letter = class_of_.at(static_cast<unsigned char>(c));
      if (letter == 0) letter = static_cast<std::uint8_t>(width_++);
    }
  }
  if (words.empty()) return;
  next_.assign(width_, 0);
  first_output_.assign(1, 0);
  for (std::size_t i = 0; i < words.size(); ++i) add_word(static_cast<std::uint32_t>(i), words[i]);
  renumber(link());
}

void KeywordAutomaton::add_word(std::uint32_t number, std::string_view word) {
  std::uint32_t state = 0;
  for (const char c : word) {
    const std::size_t at = state * width_ + class_of_.at(static_cast<unsigned char>(c));
    if (next_[at] == 0) {
      const auto made = static_cast<std::uint32_t>(first_output_.size());
      next_[at] = made;
      next_.resize(next_.size() + width_, 0);
      first_output_.push_back(0);
    }
    state = next_[at];
  }
  outputs_.push_back({number, first_output_[state]});
  first_output_[state] = static_cast<std::uint32_t>(outputs_.size() - 1);
}

// Breadth first: where a word does not go on, the longest ending of what was read that begins another does.
// Returns the states in that order.
std::vector<std::uint32_t> KeywordAutomaton::link() {
  std::vector<std::uint32_t> fallback(first_output_.size(), 0);
  std::vector<std::uint32_t> by_depth{0};
  for (std::uint32_t letter = 0; letter < width_; ++letter) {
    if (next_[letter] != 0) by_depth.push_back(next_[letter]);
  }
  for (std::size_t i = 1; i < by_depth.size(); ++i) {
    const auto state = by_depth[i];
    const auto shorter = fallback[state];
    // The words that end here are its own and those of the shorter ending.
    if (first_output_[state] == 0) {
      first_output_[state] = first_output_[shorter];
    } else {
      auto last = first_output_[state];
      while (outputs_[last].next != 0) last = outputs_[last].next;
      outputs_[last].next = first_output_[shorter];
    }
    for (std::uint32_t letter = 0; letter < width_; ++letter) {
      auto& to = next_[state * width_ + letter];
      const auto detour = next_[shorter * width_ + letter];
      if (to == 0) {
        to = detour;
      } else {
        fallback[to] = detour;
        by_depth.push_back(to);
      }
    }
  }
  return by_depth;
}

void KeywordAutomaton::renumber(const std::vector<std::uint32_t>& by_depth) {
  std::vector<std::uint32_t> step_to(by_depth.size());
  for (std::uint32_t i = 0; i < by_depth.size(); ++i)
    step_to[by_depth[i]] = i * width_ * 2 + (first_output_[by_depth[i]] != 0 ? 1 : 0);
  std::vector<std::uint32_t> next;
  std::vector<std::uint32_t> first_output;
  next.reserve(next_.size());
  for (const auto state : by_depth) {
    for (std::uint32_t letter = 0; letter < width_; ++letter)
      next.push_back(step_to[next_[state * width_ + letter]]);
    first_output.push_back(first_output_[state]);
  }
  next_ = std::move(next);
  first_output_ = std::move(first_output);
}

}  // namespace linnet::govern
