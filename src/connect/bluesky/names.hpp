// Handles change hands; who is meant is a DID. What people give as a handle is looked up before anything is
// judged.
#pragma once

#include <stop_token>
#include <string>

#include "connect/request_budget.hpp"
#include "net/http_transport.hpp"

namespace linnet::connect::bluesky {

// What people paste where a post is wanted, as an AT URI that may name a handle: the URI itself, or a post's
// address on the web. `invalid` begins with `field`.
Result<std::string> read_post_name(std::string_view field, std::string_view given);
// The same of a person, as a DID or a handle: «@ada.example», the address of a profile.
Result<std::string> read_person_name(std::string_view field, std::string_view given);

// Whether the id of a post or person names its account by a handle: "bob.example", "at://bob.example/…".
bool names_handle(std::string_view id);

// The id with the DID in place of the handle, as `service` resolves it; any other id as it is. `not_found`
// where nobody has the handle.
Result<std::string> with_did(net::HttpTransport& transport, RequestBudget& budget, const std::string& service,
                             const std::string& id, const std::stop_token& stop);

// The DID in an answer to com.atproto.identity.resolveHandle.
Result<std::string> read_did(const net::HttpResponse& response, const std::string& handle,
                             const std::string& service);
// "at://DID/…" for "at://HANDLE/…", the DID for the handle.
std::string put_did(const std::string& id, const std::string& did);
// The handle in an id that names one.
std::string handle_in(const std::string& id);

}  // namespace linnet::connect::bluesky
