// Hours of hashtags whose posts changed otherwise than by events: their figures are made again from what is
// there.
#pragma once

#include <set>
#include <utility>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

class TagHours {
 public:
  void note(InstanceId instance, std::int64_t hashtag, Instant created_at);
  // After post_hashtags has been written. A hashtag that no post has any more goes.
  Status count_again(store::Connection& connection);

 private:
  struct TagHour {
    std::int64_t instance;
    std::int64_t hashtag;
    std::int64_t hour;
    friend auto operator<=>(const TagHour&, const TagHour&) = default;  // NOLINT(modernize-use-nullptr)
  };
  std::set<TagHour> hours_;
};

}  // namespace linnet::observe
