// What is new, found by reading the log from its beginning: as the projections of posts and messages find it
// by what their tables hold at each event. For making the ledger anew beside tables that are further on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "observe/salience/happening.hpp"
#include "store/connection.hpp"

namespace linnet::salience {

// Remembers every post and message by a hash. Not thread-safe.
class SeenAgain {
 public:
  // Events in the order of the log.
  Status find(store::Connection& connection, const model::Event& event, std::vector<Happening>& found);

 private:
  struct Place {
    bool is_thread = false;
    std::string parent;
  };

  void see_posts(const model::Event& event, std::vector<Happening>& found);
  Status lose_posts(const model::Event& event);
  Status see(store::Connection& connection, const model::Event& event, const model::MessageSighting& message,
             std::vector<Happening>& found);
  Status see(store::Connection& connection, const model::Event& event,
             const model::ReactionSighting& reaction, std::vector<Happening>& found);
  void see(const model::Event& event, const model::ChannelSighting& channel, std::vector<Happening>& found);
  Result<std::string> author_of(store::Connection& connection, InstanceId instance, std::string_view message,
                                std::string_view told);

  std::unordered_map<std::uint64_t, Instant> posts_;  // since when they are known
  std::unordered_set<std::uint64_t> messages_, reactions_;
  std::unordered_map<std::uint64_t, Place> places_;
};

}  // namespace linnet::salience
