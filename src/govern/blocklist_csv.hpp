// Blocklists as servers write them: the domain blocks of a server's administration, a user's blocked domains
// and a user's blocked or muted accounts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "govern/blocklist_entry.hpp"

namespace linnet::govern {

struct CsvImport {
  std::vector<BlocklistEntry> entries;  // as they are kept
  struct Problem {
    std::size_t line;  // where its row begins, from 1; of JSON: which entry it is
    std::string what;
  };
  std::vector<Problem> problems;  // rows that were left out, with why; in the order of the file
  bool is_json = false;
};

// What a server only limits («silence», «limit») it goes on dealing with; an entry of ours is a full stop.
enum class Silenced { left_out, blocked };
// Whether accounts in a list that does not say what it is are to be blocked: servers write their followers
// alike.
enum class AccountLists { refused, blocked };

// Tells the kinds apart by their first line: «Account address» makes every row a user, «#domain» a domain;
// without either, «@» tells, and a second column is the severity or the row is left out. See split_csv for
// the form. What the file does not say is as in `like`: the reason, for one, where there is no public
// comment. `invalid` when it cannot be read or is a list of another kind.
Result<CsvImport> read_blocklist_csv(std::string_view csv, const BlocklistEntry& like, Silenced silenced,
                                     Instant now, AccountLists accounts = AccountLists::refused);
// The same, or JSON (see blocklist_json.hpp), whichever the text is.
Result<CsvImport> read_blocklist(std::string_view text, const BlocklistEntry& like, Silenced silenced,
                                 Instant now, AccountLists accounts);
// Before the reason of a domain that its list only limits: what is handed on says so again, and suspends
// nobody elsewhere.
inline constexpr std::string_view kOnlyLimited = "only limited in its list: ";
// The severity is one that limits and does not suspend.
bool only_limits(std::string_view severity);
// `invalid` unless a domain of that severity is to be blocked: a word that is not known blocks nothing.
Status check_severity(std::string_view severity, Silenced silenced);

// Exact entries alone: domains as an administration's list, users as a list of accounts. Columns that
// Mastodon does not know, and passes over, hold what else there is. Opt-outs are left out: they are people's
// words to this Linnet, not a list to hand on.
std::string domains_to_csv(const std::vector<BlocklistEntry>& entries);
std::string users_to_csv(const std::vector<BlocklistEntry>& entries);

}  // namespace linnet::govern
