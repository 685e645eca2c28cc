// Ids are types, so that a post's id cannot be passed where an account's is meant.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace linnet {

template <typename Tag, typename Representation>
class Id {
 public:
  Id() = default;
  explicit Id(Representation value) : value_(std::move(value)) {}
  [[nodiscard]] const Representation& value() const { return value_; }
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  Representation value_{};
};

using InstanceId = Id<struct InstanceTag, std::int64_t>;         // a row of `instances`
using PostId = Id<struct PostTag, std::string>;                  // the platform's own
using PlatformUserId = Id<struct PlatformUserTag, std::string>;  // the platform's own
using HashtagId = Id<struct HashtagTag, std::int64_t>;           // a row of `hashtags`
using EventId = Id<struct EventTag, std::int64_t>;  // position in the event log, from 1, without gaps

}  // namespace linnet

template <typename Tag, typename Representation>
struct std::hash<linnet::Id<Tag, Representation>> {
  std::size_t operator()(const linnet::Id<Tag, Representation>& id) const noexcept {
    return std::hash<Representation>{}(id.value());
  }
};
