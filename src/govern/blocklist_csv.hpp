// Blocklists as Mastodon writes them: the domain blocks of a server's administration, a user's blocked
// domains and a user's blocked or muted accounts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "govern/blocklist_entry.hpp"

namespace linnet::govern {

struct CsvImport {
  std::vector<BlocklistEntry>
      entries;  // not yet normalised; the reason is the public comment, where there is one
  struct Problem {
    std::size_t line;
    std::string what;
  };
  std::vector<Problem> problems;  // lines that were left out, with why
};

// Tells the kinds apart by their first line. RFC 4180 quoting, LF or CRLF, a byte order mark or none.
// `invalid` when a quotation does not end.
Result<CsvImport> read_blocklist_csv(std::string_view csv, std::string_view reason);

// Exact entries alone: domains as an administration's list, users as a list of accounts.
std::string domains_to_csv(const std::vector<BlocklistEntry>& entries);
std::string users_to_csv(const std::vector<BlocklistEntry>& entries);

}  // namespace linnet::govern
