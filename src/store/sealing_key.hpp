// Which key the secrets in the tables are sealed with, as far as the database knows: a text that is the same
// everywhere, sealed, tells whether a key is the one.
#pragma once

#include <optional>
#include <string>

#include "base/secret_box.hpp"
#include "store/connection.hpp"

namespace linnet::store {

struct SealingKeys {
  std::optional<std::string> current;  // nullopt: nobody has noted one yet
  std::optional<std::string> next;     // while everything is being sealed anew
};
Result<SealingKeys> sealing_keys(Connection& connection);
// Whether the key is the one that was noted.
bool is_noted(const SecretBox& key, const std::optional<std::string>& noted);

// Within the caller's transaction: secrets are sealed with this key from now on, and no change is under way.
Status note_key(Connection& connection, const SecretBox& key);
// The same for whoever opens the database, beside whom others may be at work: only where what is noted is
// still `instead_of`, and a change that is under way goes on.
Status note_first_key(Connection& connection, const SecretBox& key,
                      const std::optional<std::string>& instead_of);
// Everything is being sealed anew with this key: from the commit on nothing else is stored under the old one.
Status note_next_key(Connection& connection, const SecretBox& key);

// For every transaction that stores something sealed: `conflict` where the key was changed since `key` was
// read, or is being changed. What was stored with the old key could never be read again.
Status refuse_old_key(Connection& connection, const SecretBox& key);

}  // namespace linnet::store
