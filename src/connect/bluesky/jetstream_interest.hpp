// What of the network is watched, by the names people give it on the command line.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "connect/bluesky/jetstream_message.hpp"

namespace linnet::connect::bluesky {

// Jetstream takes no more.
constexpr std::size_t kMostAccounts = 10'000;

struct Interest {
  bool everything = false;
  std::set<std::string, std::less<>> hashtags;  // case-folded
  std::set<std::string, std::less<>> dids;

  // public, hashtag:NAME, account:DID. `invalid` for anything else, and for too many accounts.
  Status add(std::string_view stream);
  // Whether a post of this author and with these tags is watched.
  [[nodiscard]] bool wants(const JetstreamMessage& message) const;
  // Whether the server can leave out what is not of these accounts: hashtags it does not look at.
  [[nodiscard]] bool is_accounts_alone() const { return !everything && hashtags.empty(); }
  // "hashtag:books, account:did:plc:…", shortened where it gets long.
  [[nodiscard]] std::string name() const;

  friend bool operator==(const Interest&, const Interest&) = default;
};

// The stream under the name it is kept by: «#» left out, the tag case-folded.
Result<std::string> normalise_stream(std::string_view stream);

// The message that tells the server what to send (options_update).
std::string options_update(const Interest& interest, std::size_t max_message_bytes);

}  // namespace linnet::connect::bluesky
