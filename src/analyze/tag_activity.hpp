// The hashtags used in the last hours, in memory, so that what is rising is answered at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "analyze/hashtag_figures.hpp"

namespace linnet::analyze {

// Follows the tables: filled from them, then brought on by what was committed since. It answers as of its
// last advance(), exactly as trending_hashtags() would have then. Each use of a hashtag takes 24 bytes, at
// most kMostUses of them are held. Thread-safe; advance() is called by one thread at a time.
class TagActivity {
 public:
  static constexpr auto kHeld =
      std::chrono::hours(26);  // what growth and spike look back, and the hour that is running
  static constexpr std::size_t kMostUses = 4'000'000;
  // Beyond so many changes it is quicker to fill it anew; and nothing grows while the tables cannot be read.
  static constexpr std::size_t kMostChanges = 100'000;

  // Takes in what was committed since the last time; the first time, and after forget(), everything it holds.
  Status advance(store::Connection& reader, Instant now);
  // A post that it may hold was edited or deleted, or is for others to see than before. After the commit.
  void note_changed(InstanceId instance, std::string post_id);
  // The tables were made anew, or somebody else wrote to them.
  void forget();

  // nullopt where only the tables can tell: a method or a time beyond what is held, or it is not filled yet.
  [[nodiscard]] std::optional<std::vector<TrendingTag>> trending(const TrendQuestion& question) const;
  [[nodiscard]] std::size_t uses() const;

 private:
  struct Use {
    std::uint64_t account;  // hash of its instance and id
    std::uint32_t offset;   // µs from the beginning of the hour
    std::uint32_t tag;
    std::int64_t row;  // the post's row number
  };
  struct Hour {
    std::vector<Use> uses;
    std::vector<std::uint32_t> posts;  // by tag
  };
  using Hours = std::map<Instant, Hour>;
  struct Held {
    std::unordered_map<std::int64_t, Hours> by_instance;
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::vector<std::string> names;
    std::size_t uses = 0;
    Instant from{};  // every use since then is held
  };
  struct Post {
    std::int64_t row = 0, instance = 0;
    Instant created_at{};
    std::uint64_t account = 0;
    bool counts = false;
    std::vector<std::string> hashtags;
  };
  struct Changed {
    std::int64_t instance;
    std::string post_id;
    friend auto operator<=>(const Changed&, const Changed&) = default;  // NOLINT(modernize-use-nullptr)
  };

  static Post read_post(const store::Statement& row);
  static void add(Held& held, const Post& post);
  static void remove(Held& held, const std::vector<Post>& posts);
  static void drop_old(Held& held, Instant from);
  Status fill(store::Connection& reader, Instant now);
  Status follow(store::Connection& reader, Instant now);
  Result<std::vector<Post>> read_changed(store::Connection& reader, std::int64_t last_row);

  template <typename Visit>
  void visit(const TrendQuestion& question, Instant from, Instant to, Visit visit) const;
  [[nodiscard]] std::vector<std::uint32_t> count(const TrendQuestion& question, Instant from,
                                                 Instant to) const;
  [[nodiscard]] std::vector<TrendingTag> growth(const TrendQuestion& question) const;
  [[nodiscard]] std::vector<TrendingTag> spike(const TrendQuestion& question) const;
  void count_accounts(const TrendQuestion& question, Instant from, std::vector<TrendingTag>& tags) const;

  mutable std::shared_mutex mutex_;
  Held held_;
  bool is_filled_ = false;
  std::atomic<std::int64_t> last_row_{0};

  std::mutex changed_mutex_;
  std::set<Changed> changed_;
  bool must_fill_ = true;
};

}  // namespace linnet::analyze
