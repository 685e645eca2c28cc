// Blocklists in JSON, as GoToSocial exports its domain blocks and as the APIs of servers list them.
#pragma once

#include "govern/blocklist_csv.hpp"

namespace linnet::govern {

// A list of objects with a "domain", and perhaps a "severity", a "public_comment" or "comment"; or of domains
// alone. `invalid` for anything else.
Result<CsvImport> read_blocklist_json(std::string_view text, const BlocklistEntry& like, Silenced silenced,
                                      Instant now);

}  // namespace linnet::govern
