// What people agreed to: whether their messages may be read (dm_read), whether they may be written to
// (dm_contact). Ids are ULIDs, as the document on consent says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "store/connection.hpp"

namespace linnet::govern {

struct Consent {
  std::string id;       // ULID
  std::string user_id;  // the platform's own
  std::string type;     // dm_read, dm_contact
  Instant granted_at{};
  std::optional<Instant> revoked_at;
  std::string server_id;  // empty: everywhere
  std::string platform;
  std::string evidence;  // how it was given: an id or a place, never a text
};

// `invalid` names the field. A consent that stands already is returned as it is.
Result<Consent> grant_consent(store::Connection& connection, Consent consent, Instant now);
// Ends every consent of the type that stands for the person. Reading messages stops at once, and what was
// read is redacted. `not_found` when there is none.
Status revoke_consent(store::Connection& connection, const std::string& platform, const std::string& user_id,
                      const std::string& type, Instant now);
Result<bool> has_consent(store::Connection& connection, const std::string& platform,
                         const std::string& user_id, const std::string& type);
// The newest word on it is a revocation.
Result<bool> has_revoked(store::Connection& connection, const std::string& platform,
                         const std::string& user_id, const std::string& type);
Result<std::vector<Consent>> list_consents(store::Connection& connection, const std::string& user_id);

// A ULID (26 letters of Crockford's base 32): 48 bits of milliseconds, 80 random bits.
Result<std::string> make_ulid(Instant now);

}  // namespace linnet::govern
