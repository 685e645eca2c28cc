// The registrations of Linnet with servers, kept among the credentials of their platform: the client
// id is its api_key, the client secret its app_secret, the app's own token its access_token.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/secret_box.hpp"
#include "connect/app_registrations.hpp"
#include "store/writer.hpp"

namespace linnet::govern {

// A server, and the leave that is asked there.
struct AppPlace {
  std::string platform;
  std::string base_url;
  bool acts = false;  // to act, not to read alone
};

// All but the box outlive what is returned. A registration that a person keeps under the bare host of the
// server comes before those made here.
connect::KeptApps kept_apps(store::Database& database, store::Writer& writer, Clock& clock,
                            const SecretBox& box, const AppPlace& place, const std::string& actor);

}  // namespace linnet::govern
