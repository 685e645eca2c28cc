// What a page says of itself, for the card of a link.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "net/http_transport.hpp"

namespace linnet::connect::bluesky {

struct LinkCard {
  std::string title;
  std::string description;
};

// og:title or <title>, og:description or the description; valid UTF-8, without line breaks, shortened.
LinkCard read_card(std::string_view html);

// Asks the page: HTML of at most 512 KiB, within ten seconds, over at most three redirects, as a guest. What
// does not come so gives an empty card: no post waits for somebody else's server.
LinkCard fetch_card(net::HttpTransport& transport, const std::string& url, const std::stop_token& stop);

}  // namespace linnet::connect::bluesky
