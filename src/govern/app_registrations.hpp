// The registrations of Linnet with Mastodon servers, kept among the credentials of the platform: the client
// id is its api_key, the client secret its app_secret, the app's own token its access_token.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret_box.hpp"
#include "connect/mastodon/oauth.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

// For one server, and for the leave that is asked there. All but the box outlive what is returned. A
// registration that a person keeps under the bare host of the server comes before those made here.
connect::mastodon::KeptApps kept_apps(store::Database& database, store::Writer& writer, Clock& clock,
                                      const SecretBox& box, std::string_view base_url,
                                      std::string_view scopes, const std::string& actor);

}  // namespace linnet::govern
