// Hashtags by name, with what the database knows of them; kept between batches.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

struct KnownHashtag {
  std::int64_t id = 0;
  std::int64_t instance = 0;
  std::optional<Instant> stored_last_seen;  // before this batch
  std::optional<Instant> first_seen;
  std::optional<Instant> last_seen;
  bool is_stored = false;
  bool is_changed = false;
  bool lost_a_post = false;  // first and last seen must be read again
};

// Not thread-safe. After a failed transaction call forget().
class KnownHashtags {
 public:
  struct Name {
    InstanceId instance{};
    std::string_view name;
  };

  // Makes every name known, giving ids to new ones.
  Status load(store::Connection& connection, std::span<const Name> names);
  // A name that was loaded.
  KnownHashtag& at(const Name& name);

  // A post of that time has the tag now, or has it no more.
  void saw(const Name& name, Instant created_at);
  void lost(const Name& name);

  // Writes what changed; after post_hashtags has been written.
  Status write(store::Connection& connection);
  void forget();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  static constexpr std::size_t kMostKept = 100'000;

  using Tags = std::unordered_map<std::string, KnownHashtag, Hash, std::equal_to<>>;

  const std::string& key_of(const Name& name);
  void change(Tags::value_type& entry);
  Status load_missing(store::Connection& connection, std::vector<Name>& missing);
  Status read_ends_again(store::Connection& connection, KnownHashtag& tag);

  Tags tags_;
  std::vector<Tags::value_type*> changed_;  // entries stay where they are while the map grows
  std::string key_;
  std::int64_t next_id_ = 0;  // 0: to be read from the database
};

}  // namespace linnet::observe
