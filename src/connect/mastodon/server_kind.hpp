// Which software a server runs, and what of the API that follows from it.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "connect/acting_connector.hpp"

namespace linnet::connect::mastodon {

// What shares its code, and so counts and answers alike. Forks that keep Mastodon's API are Mastodon.
enum class ServerFamily { other, mastodon, pleroma };

struct ServerKind {
  std::string software;  // "mastodon", "gotosocial", "pleroma" …; empty: not known
  ServerFamily family = ServerFamily::other;
  int major = 0;
  int minor = 0;
  // A post that comes again with its Idempotency-Key is made once. Only of what is known to do so.
  bool recognises_repeats = false;
  bool quotes = false;  // by quoted_status_id
  bool edits = true;
};

// From its description of itself (/api/v1/instance or v2) and the name in its NodeInfo, empty where it has
// none.
ServerKind server_kind(const boost::json::object& instance, std::string_view nodeinfo_name);

// The same without what the server does not do.
Capabilities without_missing(Capabilities capabilities, const ServerKind& kind);

}  // namespace linnet::connect::mastodon
