// How long the blocklist takes to look at a post: blocklist_bench
//
// 100,000 users, 20,000 domains, 5,000 keywords and 500 patterns, asked about posts of some 250 characters
// with two links, one in five not in English and one in twenty blocked; beside a loop that looks at every
// entry by itself, which has its patterns compiled and each post's forms made once. Both in turn, the medians
// of five rounds.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <random>

#include "govern/blocklist_matcher.hpp"
#include "kit/blocklist.hpp"
#include "kit/naive_blocklist.hpp"

namespace {

using namespace linnet;
using govern::EntryType;
using govern::MatchType;

constexpr int kUsers = 100'000, kDomains = 20'000, kKeywords = 5'000, kPatterns = 500;
constexpr int kPosts = 4'000, kNaivePosts = 50, kRounds = 9;
constexpr double kGoalMicroseconds = 5, kGoalRatio = 500;

class Writer {
 public:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  std::string word() {
    static constexpr std::string_view kSyllables[] = {"ba",  "ker", "lo",  "min", "ta",  "ros", "ve",
                                                      "ni",  "pul", "sha", "gre", "dor", "fi",  "cam",
                                                      "hus", "ze",  "tri", "mo",  "len", "qua"};
    std::string made;
    for (auto i = 3 + below(2); i > 0; --i) made += kSyllables[below(std::size(kSyllables))];
    return made;
  }
  std::string server() { return fmt::format("{}{}.example", word(), below(100)); }
  std::string user() { return fmt::format("{}{}@{}", word(), below(1000), server()); }

  std::string pattern() {
    switch (below(4)) {
      case 0:
        return fmt::format(R"(\b{}\s+\d+\s+{}\b)", word(), word());
      case 1:
        return fmt::format("{}(?:s|er|ing)? (?:{}|{})", word(), word(), word());
      case 2:
        return fmt::format("https?://[a-z0-9.-]*{}[0-9]*[.]", word());
      default:
        return fmt::format("#{}[0-9]{{2,}}", word());
    }
  }

 private:
  std::mt19937_64 random_{7};
};

std::vector<govern::BlocklistEntry> make_entries(Writer& writer) {
  std::vector<govern::BlocklistEntry> entries;
  const auto add = [&](int count, EntryType type, MatchType match,
                       const std::function<std::string()>& value) {
    for (int i = 0; i < count; ++i)
      entries.push_back(govern::normalise(test::block_entry(type, match, value()), {}).value());
  };
  add(kUsers, EntryType::user, MatchType::exact, [&] { return writer.user(); });
  add(kDomains, EntryType::domain, MatchType::exact, [&] { return writer.server(); });
  add(kKeywords / 2, EntryType::keyword, MatchType::exact,
      [&] { return writer.word() + " " + writer.word(); });
  add(kKeywords / 2, EntryType::keyword, MatchType::contains,
      [&] { return "@" + writer.word() + writer.word(); });
  add(kPatterns - kPatterns / 5, EntryType::keyword, MatchType::regex, [&] { return writer.pattern(); });
  add(kPatterns / 5, EntryType::user, MatchType::regex, [&] { return "^" + writer.word() + "[0-9]{4,}@"; });
  return entries;
}

std::vector<govern::BlockSubject> make_posts(Writer& writer,
                                             const std::vector<govern::BlocklistEntry>& entries) {
  std::vector<govern::BlockSubject> posts;
  for (int i = 0; i < kPosts; ++i) {
    std::string text;
    while (text.size() < 250) text += writer.word() + (writer.below(9) == 0 ? ". " : " ");
    if (i % 5 == 0) text += "Grüße aus Köln, größer als gedacht — 東京";
    const auto link = [&] { return fmt::format("https://www.{}net/{}", writer.server(), writer.word()); };
    posts.push_back({"mastodon",
                     fmt::format("10{}", 9'000'000 + i),
                     writer.user() + ".net",
                     fmt::format("11{}", i),
                     {text},
                     {link(), link()}});
    if (i % 20 == 0) posts.back().user_name = entries[writer.below(kUsers)].value;
  }
  return posts;
}

// Of this thread alone: it works without waiting, and what else the machine does is not its matter.
double processor_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Microseconds for each of the first `count` posts; `blocked` counts those that something stands against.
template <typename Blocks>
double measure(const std::vector<govern::BlockSubject>& posts, int count, int& blocked, Blocks blocks) {
  const auto start = processor_microseconds();
  blocked = 0;
  for (int i = 0; i < count; ++i) blocked += blocks(posts[static_cast<std::size_t>(i)]) ? 1 : 0;
  return (processor_microseconds() - start) / count;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main() {
  Writer writer;
  const auto entries = make_entries(writer);
  const auto posts = make_posts(writer, entries);
  const auto start = processor_microseconds();
  const govern::BlocklistMatcher matcher(entries);
  const auto built = (processor_microseconds() - start) / 1e3;
  const test::NaiveBlocklist naive(entries);
  const auto with_tables = [&](const auto& post) { return matcher.find(post, {}) != nullptr; };
  const auto one_by_one = [&](const auto& post) { return !naive.find_all(post, {}).empty(); };

  std::vector<double> fast, slow, ratio;
  int blocked = 0, blocked_naively = 0, blocked_of_those = 0;
  measure(posts, kPosts, blocked, with_tables);  // warms up
  for (int round = 0; round < kRounds; ++round) {
    fast.push_back(measure(posts, kPosts, blocked, with_tables));
    slow.push_back(measure(posts, kNaivePosts, blocked_naively, one_by_one));
    ratio.push_back(slow.back() / fast.back());
    measure(posts, kNaivePosts, blocked_of_those, with_tables);
    if (blocked_naively != blocked_of_those) {
      fmt::print(stderr, "blocklist_bench: the loop blocks {} posts, the matcher {}\n", blocked_naively,
                 blocked_of_those);
      return 1;
    }
  }
  fmt::print("  {} entries, built in {:.0f} ms; {} of {} posts are blocked; one by one {:.0f} µs a post\n\n",
             matcher.size(), built, blocked, kPosts, median(slow));
  fmt::print("{:9.2f}  goal {:7.2f}  microseconds a check\n", median(fast), kGoalMicroseconds);
  fmt::print("{:9.2f}  goal {:7.2f}  looking at every entry / the matcher\n", median(slow) / median(fast),
             kGoalRatio);
  return 0;
}
