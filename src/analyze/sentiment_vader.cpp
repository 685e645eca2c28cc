// Where this looks odd, so does the reference; the golden test holds both together.
#include "analyze/sentiment_vader.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <vector>

#include "analyze/vader_words.hpp"

namespace linnet::analyze {
namespace {

using vader::Entry;
using vader::Idiom;
using vader::TextWord;
using vader::TextWords;
using vader::Word;

// Measured on ratings by people: see the paper.
constexpr double kBoost = 0.293;
constexpr double kCapitals = 0.733;
constexpr double kNegation = -0.74;
constexpr double kExclamation = 0.292;
constexpr double kAlpha = 15;

class Scorer {
 public:
  explicit Scorer(const TextWords& text)
      : text_(text), words_(text.words), some_capitals_(has_some_capitals()) {}

  SentimentScores score() const {
    if (words_.empty()) return {};
    std::vector<double> sentiments;
    sentiments.reserve(words_.size());
    for (std::size_t i = 0; i < words_.size(); ++i) sentiments.push_back(valence_at(i));
    weigh_around_but(sentiments);
    return summed(sentiments);
  }

 private:
  // The word `back` places before position i.
  [[nodiscard]] const TextWord& before(std::size_t i, std::size_t back) const { return words_[i - back]; }
  [[nodiscard]] bool is(std::size_t i, Word word) const { return words_[i].entry->word == word; }
  [[nodiscard]] bool is_so_or_this(std::size_t i) const { return is(i, Word::so) || is(i, Word::this_); }

  // Capitals are an emphasis only where not everything is in capitals.
  [[nodiscard]] bool has_some_capitals() const {
    const auto capitals =
        std::count_if(words_.begin(), words_.end(), [](const TextWord& w) { return w.is_upper; });
    return capitals > 0 && capitals < static_cast<std::ptrdiff_t>(words_.size());
  }

  [[nodiscard]] double valence_at(std::size_t i) const {
    const auto& entry = *words_[i].entry;
    if (entry.boost != 0 || !entry.in_lexicon) return 0;
    if (entry.word == Word::kind && i + 1 < words_.size() && is(i + 1, Word::of)) return 0;

    const double own = entry.valence_tenths / 10.0;
    double valence = own;
    const bool negates_the_next =
        entry.word == Word::no && i + 1 < words_.size() && words_[i + 1].entry->in_lexicon;
    if (negates_the_next) valence = 0;
    if (follows_no(i)) valence = own * kNegation;
    if (words_[i].is_upper && some_capitals_) valence += valence > 0 ? kCapitals : -kCapitals;
    for (std::size_t distance = 1; distance <= 3 && distance <= i; ++distance) {
      if (before(i, distance).entry->in_lexicon) continue;
      valence += boost_from(before(i, distance), valence, distance);
      valence = negated_from(valence, i, distance);
      if (distance == 3) valence = with_idioms(valence, i);
    }
    return with_least(valence, i);
  }

  [[nodiscard]] bool follows_no(std::size_t i) const {
    if (i > 0 && is(i - 1, Word::no)) return true;
    if (i > 1 && is(i - 2, Word::no)) return true;
    return i > 2 && is(i - 3, Word::no) && (is(i - 1, Word::or_) || is(i - 1, Word::nor));
  }

  [[nodiscard]] double boost_from(const TextWord& word, double valence, std::size_t distance) const {
    if (word.entry->boost == 0) return 0;
    double boost = word.entry->boost > 0 ? kBoost : -kBoost;
    if (valence < 0) boost = -boost;
    if (word.is_upper && some_capitals_) boost += valence > 0 ? kCapitals : -kCapitals;
    if (boost == 0) return 0;
    return distance == 2 ? boost * 0.95 : distance == 3 ? boost * 0.9 : boost;
  }

  [[nodiscard]] double negated_from(double valence, std::size_t i, std::size_t distance) const {
    const double negated = before(i, distance).negates ? valence * kNegation : valence;
    if (distance == 2) {
      if (is(i - 2, Word::never) && is_so_or_this(i - 1)) return valence * 1.25;
      if (is(i - 2, Word::without) && is(i - 1, Word::doubt)) return valence;
    }
    if (distance == 3) {
      if ((is(i - 3, Word::never) && is_so_or_this(i - 2)) || is_so_or_this(i - 1)) return valence * 1.25;
      if (is(i - 3, Word::without) && (is(i - 2, Word::doubt) || is(i - 1, Word::doubt))) return valence;
    }
    return negated;
  }

  // Whether the two or three words that begin at `from` are the idiom.
  [[nodiscard]] bool stands_at(const Idiom& idiom, std::size_t from, std::size_t count) const {
    const std::size_t length = idiom.words[2] == Word::none ? 2 : 3;
    if (length != count || from + count > words_.size()) return false;
    for (std::size_t k = 0; k < count; ++k) {
      if (!is(from + k, idiom.words[k])) return false;
    }
    return true;
  }

  [[nodiscard]] const Idiom* idiom_at(std::size_t from, std::size_t count) const {
    const auto* end = vader::kIdioms + vader::kIdiomCount;
    const auto* found =
        std::find_if(vader::kIdioms, end, [&](const Idiom& idiom) { return stands_at(idiom, from, count); });
    return found == end ? nullptr : found;
  }

  // i is at least 3.
  [[nodiscard]] double with_idioms(double valence, std::size_t i) const {
    struct Span {
      std::size_t from;
      std::size_t count;
    };
    for (const auto span : {Span{i - 1, 2}, Span{i - 2, 3}, Span{i - 2, 2}, Span{i - 3, 3}, Span{i - 3, 2}}) {
      if (const auto* idiom = idiom_at(span.from, span.count)) {
        valence = idiom->valence;
        break;
      }
    }
    for (const std::size_t count : {2U, 3U}) {
      if (const auto* idiom = idiom_at(i, count)) valence = idiom->valence;
    }
    for (const auto from : {i - 3, i - 2}) {
      for (std::size_t k = 0; k < vader::kBoosterPairCount; ++k) {
        if (stands_at(vader::kBoosterPairs[k], from, 2)) valence += vader::kBoosterPairs[k].valence;
      }
    }
    return valence;
  }

  [[nodiscard]] double with_least(double valence, std::size_t i) const {
    if (i == 0 || !is(i - 1, Word::least) || before(i, 1).entry->in_lexicon) return valence;
    if (i > 1 && (is(i - 2, Word::at) || is(i - 2, Word::very))) return valence;
    return valence * kNegation;
  }

  // What stands before «but» counts half, what stands after it half as much again. The reference goes through
  // the values and changes the first that is equal to each, which where values repeat is not the one it is
  // at.
  void weigh_around_but(std::vector<double>& sentiments) const {
    const auto found = std::find_if(words_.begin(), words_.end(),
                                    [](const TextWord& w) { return w.entry->word == Word::but; });
    if (found == words_.end()) return;
    const auto but = static_cast<std::size_t>(found - words_.begin());
    std::map<double, std::set<std::size_t>> places;
    for (std::size_t i = 0; i < sentiments.size(); ++i) {
      if (sentiments[i] != 0) places[sentiments[i]].insert(i);
    }
    for (std::size_t i = 0; i < sentiments.size(); ++i) {
      if (sentiments[i] == 0) continue;
      auto& equal = places[sentiments[i]];
      const auto first = *equal.begin();
      if (first == but) continue;
      equal.erase(first);
      sentiments[first] *= first < but ? 0.5 : 1.5;
      places[sentiments[first]].insert(first);
    }
  }

  [[nodiscard]] double punctuation_emphasis() const {
    const double exclamation = std::min(text_.exclamation_marks, 4) * kExclamation;
    const int questions = text_.question_marks;
    return exclamation + (questions <= 1 ? 0.0 : questions <= 3 ? questions * 0.18 : 0.96);
  }

  // As Python's round(): correctly, from the exact binary value.
  static double rounded(double value, int digits) {
    const double scale = digits == 3 ? 1e3 : 1e4;
    const double scaled = value * scale;
    if (std::abs(scaled - std::floor(scaled) - 0.5) > 1e-6) return std::nearbyint(scaled) / scale;
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return std::strtod(text, nullptr);
  }

  [[nodiscard]] SentimentScores summed(const std::vector<double>& sentiments) const {
    double sum = 0;
    double positive = 0;
    double negative = 0;
    double neutral = 0;
    for (const double sentiment : sentiments) {
      sum += sentiment;
      if (sentiment > 0)
        positive += sentiment + 1;  // The 1 makes up for the neutral words, which count as 1.
      if (sentiment < 0) negative += sentiment - 1;
      if (sentiment == 0) neutral += 1;
    }
    const double emphasis = punctuation_emphasis();
    if (sum > 0)
      sum += emphasis;
    else if (sum < 0)
      sum -= emphasis;
    if (positive > -negative) {
      positive += emphasis;
    } else if (positive < -negative) {
      negative -= emphasis;
    }
    const double total = positive - negative + neutral;
    const double compound = std::clamp(sum / std::sqrt(sum * sum + kAlpha), -1.0, 1.0);
    return {rounded(-negative / total, 3), rounded(neutral / total, 3), rounded(positive / total, 3),
            rounded(compound, 4)};
  }

  const TextWords& text_;
  const std::vector<TextWord>& words_;
  const bool some_capitals_;
};

}  // namespace

SentimentScores score_sentiment(std::string_view text) {
  const auto words = vader::split_words(text);
  return Scorer(words).score();
}

SentimentLabel sentiment_label(double compound) {
  if (compound >= 0.05) return SentimentLabel::positive;
  if (compound <= -0.05) return SentimentLabel::negative;
  return SentimentLabel::neutral;
}

std::string_view to_string(SentimentLabel label) {
  switch (label) {
    case SentimentLabel::negative:
      return "negative";
    case SentimentLabel::neutral:
      return "neutral";
    case SentimentLabel::positive:
      return "positive";
  }
  return "neutral";
}

}  // namespace linnet::analyze
