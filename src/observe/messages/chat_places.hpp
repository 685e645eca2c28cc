// Where messages stand and who is there: servers, their roles, channels and threads, members. Written as the
// events come, for there are few of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.hpp"
#include "base/instant.hpp"
#include "model/chat_sighting.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

// Remembers what it wrote. Not thread-safe; after a failed transaction call forget().
class ChatPlaces {
 public:
  Status saw(store::Connection& connection, InstanceId instance, const model::ServerSighting& server,
             Instant at);
  Status saw(store::Connection& connection, InstanceId instance, const model::RoleSighting& role);
  // Whether it was not known before.
  Result<bool> saw(store::Connection& connection, InstanceId instance, const model::ChannelSighting& channel,
                   Instant at);
  Status saw(store::Connection& connection, InstanceId instance, const model::MemberSighting& member);

  // The channel that a message stands in: of a thread, the one that it belongs to, where that is known.
  struct Place {
    bool is_known = false;
    bool is_thread = false;
    std::string parent;
  };
  Result<Place> place_of(store::Connection& connection, InstanceId instance, std::string_view channel);

  void forget();

 private:
  static constexpr std::size_t kMostKept = 100'000;

  std::unordered_map<std::string, Place> places_;
  std::unordered_map<std::string, std::string> members_;  // as they were written last
};

}  // namespace linnet::observe
