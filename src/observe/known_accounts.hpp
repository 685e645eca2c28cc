// The authors of posts: the newest sighting of each wins; one that is bare only says that the account was
// there. Keeps between batches what was last written of whom, so that a profile that did not change is not
// written again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "model/sighting.hpp"
#include "store/bulk.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

// Not thread-safe. After a failed transaction call forget().
class KnownAccounts {
 public:
  // The account as a status of the batch shows it; borrowed until write().
  void saw(InstanceId instance, const model::AccountSighting& account, Instant received_at);
  Status write(store::Connection& connection);
  void forget();

 private:
  struct Known {
    bool is_stored = false;
    bool is_described = false;       // other than by bare sightings
    std::uint64_t profile_hash = 0;  // 0: not known
    Instant discovered_at{};
    Instant updated_at{};  // the newest description; of an account without one the newest sighting
    Instant seen_at{};
  };
  struct Seen {
    InstanceId instance{};
    const model::AccountSighting* any = nullptr;
    const model::AccountSighting* described = nullptr;  // the newest that is not bare
    Instant described_at{};
    Instant oldest_at{};
    Instant newest_at{};
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  static constexpr std::size_t kMostKept = 100'000;

  Status load_missing(store::Connection& connection);
  static void settle(const Seen& seen, Known& known, store::RowBatch& written, store::RowBatch& touched);

  std::unordered_map<std::string, Known, Hash, std::equal_to<>> known_;
  std::unordered_map<std::string, Seen, Hash, std::equal_to<>> seen_;
  std::string key_;
};

}  // namespace linnet::observe
