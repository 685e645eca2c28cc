// E.W. Myers, «An O(ND) Difference Algorithm and Its Variations», Algorithmica 1 (1986).
#include "analyze/word_diff.hpp"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

namespace linnet::analyze {
namespace {

using Kind = WordChange::Kind;
using Words = std::vector<std::string_view>;
using Numbers = std::span<const int>;

constexpr int kMostChanges = 1'000;  // The memory taken grows with its square: 4 MB.

Words split_at_blanks(std::string_view text) {
  Words words;
  while (!text.empty()) {
    const auto length = std::min(text.find(' ', 1), text.size());
    words.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return words;
}

// Words, and what stands between them, in order and without a gap.
Words split(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), status));
  UText* opened = utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status);
  const std::unique_ptr<UText, decltype(&utext_close)> utext(opened, &utext_close);
  if (U_SUCCESS(status)) breaks->setText(utext.get(), status);
  if (U_FAILURE(status)) return split_at_blanks(text);
  Words words;
  std::size_t from = 0;
  for (auto end = breaks->next(); end != icu::BreakIterator::DONE; end = breaks->next()) {
    const auto to = static_cast<std::size_t>(end);
    words.push_back(text.substr(from, to - from));
    from = to;
  }
  if (from < text.size()) words.push_back(text.substr(from));
  return words;
}

// One step of the way through both texts, a word at a time.
struct Step {
  Kind kind;
  std::size_t word;  // its place in `before`, of an addition its place in `after`
};

// For each number of changes d, how far into `a` one comes on each diagonal k = x - y, from -d to d.
class Frontiers {
 public:
  // The number of changes between a and b, if it is not more than kMostChanges.
  std::optional<int> find(Numbers a, Numbers b) {
    const int n = static_cast<int>(a.size());
    const int m = static_cast<int>(b.size());
    for (int d = 0; d <= std::min(n + m, kMostChanges); ++d) {
      auto& row = rows_.emplace_back(static_cast<std::size_t>(2 * d + 1), -1);
      for (int k = -d; k <= d; k += 2) {
        int x = start(d, k);
        while (x < n && x - k < m && a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
          ++x;
        row[place(d, k)] = x;
        if (x >= n && x - k >= m) return d;
      }
    }
    return std::nullopt;
  }

  // Where the snake of d changes on diagonal k begins.
  [[nodiscard]] int start(int d, int k) const {
    if (d == 0) return 0;
    return goes_down(d, k) ? reached(d - 1, k + 1) : reached(d - 1, k - 1) + 1;
  }

  // Whether the d-th change, which leads to diagonal k, is an addition.
  [[nodiscard]] bool goes_down(int d, int k) const {
    return k == -d || (k != d && reached(d - 1, k - 1) < reached(d - 1, k + 1));
  }

 private:
  // Of diagonal k, from -d to d, in the row of d changes.
  static std::size_t place(int d, int k) { return static_cast<std::size_t>(k) + static_cast<std::size_t>(d); }
  [[nodiscard]] int reached(int d, int k) const { return rows_[static_cast<std::size_t>(d)][place(d, k)]; }

  std::vector<std::vector<int>> rows_;
};

std::vector<Step> replace_all(Numbers a, Numbers b) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < a.size(); ++i) steps.push_back({Kind::remove, i});
  for (std::size_t i = 0; i < b.size(); ++i) steps.push_back({Kind::add, i});
  return steps;
}

std::vector<Step> shortest_way(Numbers a, Numbers b) {
  Frontiers frontiers;
  const auto changes = frontiers.find(a, b);
  if (!changes) return replace_all(a, b);
  std::vector<Step> steps;
  int x = static_cast<int>(a.size());
  int k = x - static_cast<int>(b.size());
  for (int d = *changes; d >= 0; --d) {
    for (const int from = frontiers.start(d, k); x > from;)
      steps.push_back({Kind::same, static_cast<std::size_t>(--x)});
    if (d == 0) break;
    if (frontiers.goes_down(d, k)) {
      steps.push_back({Kind::add, static_cast<std::size_t>(x - ++k)});
    } else {
      steps.push_back({Kind::remove, static_cast<std::size_t>(--x)});
      --k;
    }
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Joins the steps into as few changes as possible.
class Writer {
 public:
  void same(std::string_view text) { same_ += text; }
  void remove(std::string_view text) {
    take_up_same();
    removed_ += text;
  }
  void add(std::string_view text) {
    take_up_same();
    added_ += text;
  }
  std::vector<WordChange> finish() {
    flush_changes();
    flush(Kind::same, same_);
    return std::move(changes_);
  }

 private:
  // A change begins or goes on. Blanks between two changed words are part of one change: so it reads better.
  void take_up_same() {
    if (same_.empty()) return;
    const bool is_changing = !removed_.empty() || !added_.empty();
    if (is_changing && is_blank(same_)) {
      removed_ += same_;
      added_ += same_;
      same_.clear();
      return;
    }
    flush_changes();
    flush(Kind::same, same_);
  }
  void flush_changes() {
    flush(Kind::remove, removed_);
    flush(Kind::add, added_);
  }
  void flush(Kind kind, std::string& text) {
    if (!text.empty()) changes_.push_back({kind, std::move(text)});
    text.clear();
  }

  std::vector<WordChange> changes_;
  std::string same_;
  std::string removed_;
  std::string added_;
};

}  // namespace

std::string_view to_string(WordChange::Kind kind) {
  switch (kind) {
    case Kind::same:
      return "same";
    case Kind::remove:
      return "remove";
    case Kind::add:
      return "add";
  }
  return "same";
}

std::vector<WordChange> diff_words(std::string_view before, std::string_view after) {
  const auto old_words = split(before);
  const auto new_words = split(after);
  std::unordered_map<std::string_view, int> numbers;
  const auto numbered = [&numbers](const Words& words) {
    std::vector<int> result;
    result.reserve(words.size());
    for (const auto word : words)
      result.push_back(numbers.emplace(word, static_cast<int>(numbers.size())).first->second);
    return result;
  };
  const auto a = numbered(old_words);
  const auto b = numbered(new_words);

  const auto head =
      static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  const auto most = std::min(a.size(), b.size()) - head;
  std::size_t tail = 0;
  while (tail < most && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;

  Writer writer;
  for (std::size_t i = 0; i < head; ++i) writer.same(old_words[i]);
  const auto middle = [&](const std::vector<int>& all) {
    return Numbers(all).subspan(head, all.size() - head - tail);
  };
  for (const auto& step : shortest_way(middle(a), middle(b))) {
    if (step.kind == Kind::same) writer.same(old_words[head + step.word]);
    if (step.kind == Kind::remove) writer.remove(old_words[head + step.word]);
    if (step.kind == Kind::add) writer.add(new_words[head + step.word]);
  }
  for (auto i = a.size() - tail; i < a.size(); ++i) writer.same(old_words[i]);
  return writer.finish();
}

}  // namespace linnet::analyze
