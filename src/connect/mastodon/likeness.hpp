// Whether a post on the server is the one that an order made, and whether it is as the order wanted it.
// Servers trim texts, rewrite links and words, and leave out what they do not know.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connect/acting_connector.hpp"

namespace linnet::connect::mastodon {

enum class Same { yes, perhaps, no };

// Of texts. `perhaps`: one may be the other as a server rewrote it.
Same same_text(std::string_view wanted, std::string_view found);

// Of an order and a status, as both are known. `recipient` is the id of whom a message went to; `written` the
// text as its author wrote it, where the server told it.
Same same_post(const Order& order, const std::string& recipient, const boost::json::object& status,
               const std::optional<std::string>& written);

// What the order asked for and the status does not show, in words: "the poll", "the quote". Of an edit also
// what it was to keep (`what_is_kept`, as the outcome told it).
std::vector<std::string> missing_of(const Order& order, const boost::json::object& status);
// A quote that waits for leave from the author of the post.
bool has_pending_quote(const Order& order, const boost::json::object& status);

// What an edit leaves as it is, without its words.
boost::json::object what_is_kept(const Order& edit, const boost::json::object& status);

}  // namespace linnet::connect::mastodon
