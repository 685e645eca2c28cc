// From what happened to what it earns whom: who may be known by name, which server's focus counts, what
// stands in a message.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "observe/salience/happening.hpp"
#include "observe/salience/occasion.hpp"
#include "store/connection.hpp"

namespace linnet::salience {

// Who is somebody by name in servers that name a role for it; elsewhere everybody is. Remembers the holders.
class NameGate {
 public:
  // What an event says of a member's roles; is written by write().
  Status saw(store::Connection& connection, const Settings& settings, const model::MemberSighting& member);
  Result<bool> knows(store::Connection& connection, const Settings& settings, std::string_view server,
                     std::string_view user);
  void forget() { holders_.clear(); }

 private:
  using Holders = std::set<std::string, std::less<>>;
  Result<Holders*> holders_of(store::Connection& connection, std::string_view server);

  std::map<std::string, Holders, std::less<>> holders_;  // by server
};

// Not thread-safe; after a failed transaction call forget().
class Reckoner {
 public:
  // To be called for every event, in order, before its happenings are reckoned.
  Status saw(store::Connection& connection, const Settings& settings, const model::Event& event);
  // Of happenings of one event.
  Result<Occasion> reckon(store::Connection& connection, const Settings& settings,
                          const std::vector<const Happening*>& happenings);
  void forget();

 private:
  Status add(store::Connection& connection, const Settings& settings, const Happening& at,
             const NewMessage& one, Occasion& occasion);
  Status add(store::Connection& connection, const Settings& settings, const Happening& at,
             const NewReaction& one, Occasion& occasion);
  Status add(store::Connection& connection, const Settings& settings, const Happening& at,
             const NewThread& one, Occasion& occasion);
  Status add(store::Connection& connection, const Settings& settings, const Happening& at, const NewPost& one,
             Occasion& occasion);
  Result<std::string_view> host_of(store::Connection& connection, InstanceId instance);
  // The user, or nothing where they are nobody by name.
  Result<std::string_view> by_name(store::Connection& connection, const Settings& settings,
                                   std::string_view server, std::string_view user);

  NameGate gate_;
  std::unordered_map<InstanceId, std::string> hosts_;
};

}  // namespace linnet::salience
