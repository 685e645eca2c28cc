// The states of all posts that one batch touches: which they are, and what the database holds of them.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/arena.hpp"
#include "model/sighting.hpp"
#include "observe/post_state.hpp"
#include "store/bulk.hpp"
#include "store/connection.hpp"

namespace linnet::observe {

// The greatest ids in the tables, by instance. Platforms give out growing ids, so that most new posts lie
// beyond them and need not be looked for.
struct GreatestIds {
  struct Of {
    std::string post;
    std::string tombstone;
  };
  std::unordered_map<InstanceId, Of> by_instance;
};

class BatchStates {
 public:
  // Loads the state of every post in the events.
  Status load(store::Connection& connection, std::span<const model::Event> events, GreatestIds& greatest);

  PostState& at(InstanceId instance, std::string_view id);
  std::vector<PostState>& all() { return states_; }

 private:
  struct Key {
    InstanceId instance;
    std::string_view id;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>{}(key.id) ^ static_cast<std::size_t>(key.instance.value());
    }
  };

  void add(InstanceId instance, std::string_view id);
  Status load_posts(store::Connection& connection, GreatestIds& greatest);
  Status load_tombstones(store::Connection& connection, GreatestIds& greatest);
  Status load_late_histories(store::Connection& connection, std::span<const model::Event> events);

  std::unordered_map<Key, std::size_t, KeyHash> index_;
  std::vector<PostState> states_;
  Arena arena_;
};

}  // namespace linnet::observe
