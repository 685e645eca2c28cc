// Whom and what Linnet never deals with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/enum_names.hpp"
#include "base/instant.hpp"
#include "store/record/entity.hpp"

namespace linnet::govern {

enum class EntryType : std::uint8_t { user, post, keyword, domain };
enum class MatchType : std::uint8_t { exact, contains, regex };
enum class AddedBy : std::uint8_t { user, system, opt_out };
BOOST_DESCRIBE_ENUM(EntryType, user, post, keyword, domain)
BOOST_DESCRIBE_ENUM(MatchType, exact, contains, regex)
BOOST_DESCRIBE_ENUM(AddedBy, user, system, opt_out)

std::string_view to_string(EntryType type);
std::string_view to_string(MatchType type);
std::string_view to_string(AddedBy by);
std::optional<EntryType> parse_entry_type(std::string_view name);
std::optional<MatchType> parse_match_type(std::string_view name);
std::optional<AddedBy> parse_added_by(std::string_view name);

struct BlocklistEntry {
  std::string id;  // UUID v4
  EntryType type = EntryType::user;
  std::string platform;  // empty: all
  std::string value;     // user name or id, post id, word, domain; or a pattern
  MatchType match = MatchType::exact;
  std::string reason;
  AddedBy added_by = AddedBy::user;
  std::string added_by_user;  // who of the people who use Linnet
  Instant created_at{};
  std::optional<Instant> expires_at;  // absent: for good
  // Of an opt-out: whose id `value` is (empty: it counts everywhere), and the person's address where known,
  // by which they are found on every server.
  std::string server;
  std::string address;
};

// The entry as it is kept: names and words in the form in which they are compared (blocklist_forms.hpp),
// domains in ASCII without scheme, patterns and post ids as they are written.
// `invalid` names the field, what was expected and what to do: an empty value, an unknown platform, a pattern
// that RE2 does not take, an expiry in the past, an opt-out that expires.
Result<BlocklistEntry> normalise(BlocklistEntry entry, Instant now);

}  // namespace linnet::govern

template <>
const linnet::record::Entity& linnet::record::entity_of<linnet::govern::BlocklistEntry>();
