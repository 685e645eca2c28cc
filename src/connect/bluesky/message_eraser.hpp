// Takes a person out of a message of Jetstream that the event log holds.
#pragma once

#include "connect/log_lines.hpp"

namespace linnet::connect::bluesky {

// What the account itself did is blanked, and what cannot be read and names it. A post of others loses what
// points at the account; a mention becomes the link that it is shown as, because words of others stay.
ErasedPayload erase_from_message(std::string_view type, std::string_view payload, std::string_view did);

}  // namespace linnet::connect::bluesky
