// Which posts and accounts are kept, and since when: of a network's deletions only theirs matter. What
// happened to them before was left out when it came, and has to be left out when it comes again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/database.hpp"

namespace linnet::connect::bluesky {

class KnownPosts {
 public:
  virtual ~KnownPosts() = default;
  // When it was seen first; nullopt when it is not kept.
  virtual Result<std::optional<Instant>> post_since(std::string_view uri) = 0;
  virtual Result<std::optional<Instant>> account_since(std::string_view did) = 0;
  // Those that were seen before, and are not deleted.
  virtual Result<std::vector<std::string>> posts_of(std::string_view did, Instant before) = 0;
  // Those that went with their author's account, and come back with it.
  virtual Result<std::vector<std::string>> taken_down_posts_of(std::string_view did, Instant before) = 0;
};

// As the tables have them. Thread-safe.
class StoredPosts final : public KnownPosts {
 public:
  StoredPosts(store::Database& database, InstanceId instance) : database_(database), instance_(instance) {}
  Result<std::optional<Instant>> post_since(std::string_view uri) override;
  Result<std::optional<Instant>> account_since(std::string_view did) override;
  Result<std::vector<std::string>> posts_of(std::string_view did, Instant before) override;
  Result<std::vector<std::string>> taken_down_posts_of(std::string_view did, Instant before) override;

 private:
  Result<std::vector<std::string>> uris(std::string_view sql, std::string_view did, Instant before);
  Result<std::optional<Instant>> since(std::string_view sql, std::string_view key);

  store::Database& database_;
  InstanceId instance_;
};

}  // namespace linnet::connect::bluesky
