// Takes a person out of what an event of Discord holds.
#pragma once

#include <string_view>

#include "connect/erased_payload.hpp"

namespace linnet::connect::discord {

// What they wrote, gave or are is blanked; in what others wrote nothing points at them any more. Their names
// in others' words stay, mentions do not.
ErasedPayload erase_from_dispatch(std::string_view event, std::string_view payload, std::string_view person);

}  // namespace linnet::connect::discord
