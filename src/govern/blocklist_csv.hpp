// Blocklists as Mastodon writes them: the domain blocks of a server's administration, a user's blocked
// domains and a user's blocked or muted accounts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "govern/blocklist_entry.hpp"

namespace linnet::govern {

struct CsvImport {
  std::vector<BlocklistEntry> entries;  // as they are kept
  struct Problem {
    std::size_t line;  // where its row begins, from 1
    std::string what;
  };
  std::vector<Problem> problems;  // rows that were left out, with why; in the order of the file
};

// What a server only limits («silence») it goes on dealing with; an entry of ours is a full stop.
enum class Silenced { left_out, blocked };

// Tells the kinds apart by their first line: «Account address» makes every row a user, «#domain» a domain;
// without either, «@» tells. RFC 4180 quoting, LF or CRLF, a byte order mark or none. What the file does not
// say is as in `like`: the reason, for one, where there is no public comment. `invalid` when a quotation does
// not end.
Result<CsvImport> read_blocklist_csv(std::string_view csv, const BlocklistEntry& like, Silenced silenced,
                                     Instant now);

// Exact entries alone: domains as an administration's list, users as a list of accounts. Columns that
// Mastodon does not know, and passes over, hold what else there is. Opt-outs are left out: they are people's
// words to this Linnet, not a list to hand on.
std::string domains_to_csv(const std::vector<BlocklistEntry>& entries);
std::string users_to_csv(const std::vector<BlocklistEntry>& entries);

}  // namespace linnet::govern
