// What people agreed to: whether their messages may be read (dm_read), whether they may be written to
// (dm_contact), on which server. Ids are ULIDs, as the document on consent says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "govern/person_key.hpp"
#include "store/record/entity.hpp"

namespace linnet::govern {

struct Consent {
  std::string id;       // ULID
  std::string user_id;  // the platform's own
  std::string type;     // dm_read, dm_contact
  Instant granted_at{};
  std::optional<Instant> revoked_at;
  std::string server_id;  // host of the instance whose id it is; empty: everywhere
  std::string platform;
  std::string evidence;  // how it was given: an id or a place, never a text
  std::string address;   // ada@example.social, where known
};

// Within the caller's transaction, and in the audit trail; `actor` is who wrote it down. `invalid` names the
// field (see read_person). A consent that stands already is returned as it is.
Result<Consent> grant_consent(store::Connection& connection, Consent consent, const std::string& actor,
                              Instant now);
// Ends every consent of the type that stands for the person there, and those that stand everywhere; all of
// them where an address is given without a server. Reading messages stops at once, and what was read without
// another consent is redacted, and what was made of it withdrawn. `not_found` when there is none.
Status revoke_consent(store::Connection& connection, const PersonKey& given, const std::string& type,
                      const std::string& actor, Instant now);
Result<bool> has_consent(store::Connection& connection, const PersonKey& person, const std::string& type);
// Whether what they write in direct messages may go into what is made about something of this server (of the
// network: a guild); empty: of none. They may have agreed for it alone.
Result<bool> may_read_messages(store::Connection& connection, const PersonKey& person,
                               const std::string& server);
// They agreed once, and every consent of theirs was revoked.
Result<bool> has_revoked(store::Connection& connection, const PersonKey& person, const std::string& type);
// By id or address; all where it is empty.
Result<std::vector<Consent>> list_consents(store::Connection& connection, const std::string& user_id);

// A ULID (26 letters of Crockford's base 32): 48 bits of milliseconds, 80 random bits.
Result<std::string> make_ulid(Instant now);

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::Consent>();
