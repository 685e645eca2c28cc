// Takes a person out of a message of Jetstream that the event log holds.
#pragma once

#include <string>
#include <string_view>

namespace linnet::connect::bluesky {

struct ErasedMessage {
  enum class Change { none, rewritten, blanked };
  Change change = Change::none;
  std::string payload;  // in place of the one that was there, when it was rewritten
  std::string post;     // the URI of the post that it is about
};

// What the account itself did is blanked, and what cannot be read and names it. A post of others loses what
// points at the account; a mention becomes the link that it is shown as, because words of others stay.
ErasedMessage erase_from_message(std::string_view payload, std::string_view did);

}  // namespace linnet::connect::bluesky
