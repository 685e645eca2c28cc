#include "analyze/daily_summary_text.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "analyze/canonical_json.hpp"
#include "analyze/sentiment_vader.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace linnet::analyze {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestExcerpt = 140;  // bytes

// 1234567 as "1,234,567".
std::string grouped(std::int64_t n) {
  auto digits = std::to_string(n);
  const std::ptrdiff_t first = n < 0 ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), ",");
  }
  return digits;
}

std::string counted(std::int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
}

// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& items) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += i + 1 == items.size() ? " and " : ", ";
    out += items[i];
  }
  return out;
}

std::string excerpt(std::string_view text) {
  std::string line;
  for (const char c : trim(text)) {
    const bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_blank) line += c;
    if (is_blank && !line.ends_with(' ')) line += ' ';
  }
  if (line.size() <= kLongestExcerpt) return line;
  return std::string(trim(truncate_utf8(line, kLongestExcerpt))) + "…";
}

std::string window_name(const DailyStats& stats) {
  const bool is_day = stats.window_end - stats.window_start == std::chrono::days{1} &&
                      floor_day(stats.window_start) == stats.window_start;
  const auto start = to_iso8601(stats.window_start);
  if (is_day) return start.substr(0, 10);
  return fmt::format("{} to {}", start, to_iso8601(stats.window_end));
}

std::string overview(const DailyStats& stats) {
  const auto where = stats.instance.empty() ? std::string() : fmt::format(" on {}", stats.instance);
  if (stats.posts == 0) return fmt::format("{}{}: no posts were seen.", window_name(stats), where);
  std::vector<std::string> of_these;
  if (stats.replies > 0) of_these.push_back(counted(stats.replies, "reply", "replies"));
  if (stats.reblogs > 0) of_these.push_back(counted(stats.reblogs, "boost", "boosts"));
  if (stats.edits > 0) of_these.push_back(counted(stats.edits, "edit", "edits"));
  if (stats.deletions > 0) of_these.push_back(counted(stats.deletions, "deletion", "deletions"));
  auto text = fmt::format("{}{}: {} by {}", window_name(stats), where, counted(stats.posts, "post", "posts"),
                          counted(stats.accounts, "account", "accounts"));
  if (!of_these.empty()) text += fmt::format(", with {}", listed(of_these));
  return text + '.';
}

std::string_view mood_of(const DailyStats& stats) {
  return to_string(sentiment_label(stats.mean_sentiment.value_or(0)));
}

std::string mood_sentence(const DailyStats& stats) {
  const auto analysed = stats.positive + stats.neutral + stats.negative;
  if (!stats.mean_sentiment || analysed == 0) return {};
  const auto share = [analysed](std::int64_t n) {
    return std::lround(100.0 * static_cast<double>(n) / static_cast<double>(analysed));
  };
  return fmt::format(
      "The mood was {}: {} % of the posts were positive, {} % neutral and {} % negative; {:.2f} on "
      "average, on a scale from -1 to 1.",
      mood_of(stats), share(stats.positive), share(stats.neutral), share(stats.negative),
      *stats.mean_sentiment);
}

std::string topics_sentence(const DailyStats& stats) {
  std::vector<std::string> topics;
  for (const auto& topic : stats.topics) {
    topics.push_back(fmt::format("#{} ({} by {})", topic.name, counted(topic.posts, "post", "posts"),
                                 counted(topic.accounts, "account", "accounts")));
  }
  return topics.empty() ? std::string() : fmt::format("Most talked about: {}.", listed(topics));
}

std::string notable_line(const NotablePost& post) {
  return fmt::format("- @{}: “{}” ({}, {}, {})", post.author, excerpt(post.text),
                     counted(post.favourites, "favourite", "favourites"),
                     counted(post.reblogs, "boost", "boosts"), counted(post.replies, "reply", "replies"));
}

std::string text_of(const DailyStats& stats) {
  auto text = overview(stats);
  for (const auto& sentence : {mood_sentence(stats), topics_sentence(stats)}) {
    if (!sentence.empty()) text += "\n\n" + sentence;
  }
  if (!stats.notable.empty()) text += "\n\nPosts that stood out:";
  for (const auto& post : stats.notable) text += '\n' + notable_line(post);
  return text;
}

json::array topics_array(const DailyStats& stats) {
  json::array topics;
  for (const auto& topic : stats.topics) {
    topics.push_back({{"name", topic.name}, {"posts", topic.posts}, {"accounts", topic.accounts}});
  }
  return topics;
}

json::array notable_array(const DailyStats& stats) {
  json::array notable;
  for (const auto& post : stats.notable) {
    notable.push_back({{"id", post.id},
                       {"author", post.author},
                       {"excerpt", excerpt(post.text)},
                       {"replies", post.replies},
                       {"reblogs", post.reblogs},
                       {"favourites", post.favourites}});
  }
  return notable;
}

json::value stats_value(const DailyStats& stats) {
  json::object mood{{"positive", stats.positive}, {"neutral", stats.neutral}, {"negative", stats.negative}};
  // Rounded, because the last digits of a mean depend on the order of its summands; + 0.0 makes -0 a 0.
  mood["mean"] =
      stats.mean_sentiment ? json::value(std::round(*stats.mean_sentiment * 1e4) / 1e4 + 0.0) : json::value();
  return {{"instance", stats.instance},
          {"window_start", to_iso8601(stats.window_start)},
          {"window_end", to_iso8601(stats.window_end)},
          {"posts", stats.posts},
          {"replies", stats.replies},
          {"reblogs", stats.reblogs},
          {"accounts", stats.accounts},
          {"edits", stats.edits},
          {"deletions", stats.deletions},
          {"sentiment", std::move(mood)},
          {"topics", topics_array(stats)},
          {"notable", notable_array(stats)}};
}

}  // namespace

DailySummary summarize_day(const DailyStats& stats) {
  DailySummary summary;
  summary.text = text_of(stats);
  summary.mood = mood_of(stats);
  summary.topics_json = canonical_json(topics_array(stats));
  summary.notable_json = canonical_json(notable_array(stats));
  summary.input_stats_json = canonical_json(stats_value(stats));
  summary.input_hash = sha256_hex(summary.input_stats_json);
  return summary;
}

}  // namespace linnet::analyze
