// What people set for networks as a whole, not for an account or a server.
#pragma once

#include <string>
#include <vector>

namespace linnet::connect {

struct PlatformSettings {
  std::string plc_directory = "https://plc.directory";  // where the AT Protocol's DIDs are looked up
  std::string chat_service = "did:web:api.bsky.chat";   // that keeps its direct messages
  std::vector<std::string> jetstream_servers;
  std::string jetstream_dictionary;  // path; empty: none
};

}  // namespace linnet::connect
