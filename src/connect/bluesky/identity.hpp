// Who a DID is: its document says which server keeps the account (atproto.com/specs/did).
#pragma once

#include <stop_token>
#include <string>

#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect::bluesky {

inline constexpr std::string_view kPlcDirectory = "https://plc.directory";

struct Identity {
  std::string did;
  std::string handle;  // as the document has it; empty: none
  std::string pds;     // base URL
};

// did:plc from the directory, did:web from its host. `invalid` for another method or a document without a
// server, `not_found` where there is none.
Result<Identity> resolve_identity(net::HttpTransport& transport, RequestBudget& budget,
                                  const std::string& did, const std::string& plc_directory,
                                  const std::stop_token& stop);

}  // namespace linnet::connect::bluesky
