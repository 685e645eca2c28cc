// What people give where a Mastodon server's own ids are wanted: a post's link, a handle, a profile's
// address. Asked of the server before anything is judged.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "connect/mastodon/api_client.hpp"

namespace linnet::connect::mastodon {

// Whether the text has the form of an id of any server that speaks Mastodon's API: numbers, ULIDs, flakes.
bool has_id_form(std::string_view text);
// Whether it can be nothing but one: «bob» is as good a name as it is an id.
bool is_surely_id(std::string_view text);

// The id of the post that `given` names on the account's server, as the account sees it. `invalid` and
// `not_found` say what was wanted, and begin with `field`.
Result<std::string> find_post_id(net::HttpTransport& transport, RequestBudget& budget,
                                 const ApiOptions& server, std::string_view field, std::string_view given,
                                 const std::stop_token& stop);
// The same of a person.
Result<std::string> find_person_id(net::HttpTransport& transport, RequestBudget& budget,
                                   const ApiOptions& server, std::string_view field, std::string_view given,
                                   const std::stop_token& stop);

}  // namespace linnet::connect::mastodon
