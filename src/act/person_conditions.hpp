// Which rows are about a person: the same for what is handed out and what is erased.
#pragma once

#include <string_view>

namespace linnet::act {

// What reached an account: $1 its instance, $2 its id, $3 its name there.
inline constexpr std::string_view kActionsOnPerson =
    "account_id IN (SELECT id FROM accounts WHERE instance_id = $1) AND (target_user_id = $2 OR "
    "(target_type = 'user' AND target_id = $2) OR lower(target_name) = lower($3) OR (target_type = 'post' "
    "AND target_id IN (SELECT id FROM posts WHERE instance_id = $1 AND account_id = $2)))";

// By the id on its own server, and by the address wherever it stands: $1 the id, $2 the platform, $3 the
// server, $4 the address.
inline constexpr std::string_view kConsentsOfPerson =
    "consents WHERE platform = $2 AND ((user_id = $1 AND server_id = $3) OR ($4 <> '' AND address = $4))";
// $1 the id, $2 the name, $3 the platform, $4 the server, $5 the address; $6 and $7 the id and the name as
// the blocklist keeps what people entered. Opt-outs stand there as the platform writes them.
inline constexpr std::string_view kBlocksOfPerson =
    "blocklist_entries WHERE entry_type = 'user' AND match_type = 'exact' AND COALESCE(platform, $3) = $3 "
    "AND "
    "(((lower(value) IN (lower($1), lower($2)) OR value IN ($6, $7)) AND server IN ('', $4)) OR ($5 <> '' "
    "AND "
    "(value = $5 OR address = $5)))";

}  // namespace linnet::act
