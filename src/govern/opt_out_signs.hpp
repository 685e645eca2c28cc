// How people say that they do not want to be dealt with by a program.
#pragma once

#include <string>
#include <string_view>

namespace linnet::govern {

// Whether a profile (biography and fields, as plain text) holds #nobot, #nobots, #noindex or #noautomation.
bool profile_opts_out(std::string_view profile);

// Whether a message asks for no more: «stop», «unsubscribe», «please do not contact me again», in English,
// German, French and Spanish. It has to be the whole message: «don't stop» and «you never write me back» say
// something else.
bool message_opts_out(std::string_view text);

// What is left of an opt-out when the person is erased: HMAC-SHA-256 over platform, server and id,
// hexadecimal. The server is empty for what counts everywhere: an address, a DID.
std::string opt_out_fingerprint(std::string_view platform, std::string_view server, std::string_view user_id,
                                std::string_view salt);

}  // namespace linnet::govern
