// Who makes a request.
#pragma once

#include <optional>

#include "govern/people.hpp"
#include "net/http_message.hpp"

namespace linnet::api {

// By the token of its Authorization field, or by the session of its cookie. While nobody has a password,
// requests from this machine are the owner's, who may do everything. `denied` for a token that does not hold;
// without any sign the answer is a stranger, who may do what is open.
Result<govern::Who> authenticate(govern::People& people, const net::Request& request);

// The same from memory alone; nullopt where that is not enough.
std::optional<govern::Who> authenticate_from_memory(const govern::People& people,
                                                    const net::Request& request);

// Marks an answer as asking who one is (RFC 9110): `denied` is 401 with it, and 403 without.
inline constexpr std::string_view kAsksWho = "WWW-Authenticate";
void ask_who(net::Headers& headers);
// For Retry-After: rounded up, and at least one.
std::string whole_seconds(Duration wait);

// 401 with how to show who one is, for an error of authenticate(); what was no refusal keeps its own status.
net::Response unauthorised(const Error& error);
// For who may not: 401 to strangers, 403 to others.
net::Response refuse(const govern::Who& who, govern::Permission needed);

// What they came in by, in one word: "token ID", "session HASH", "owner", or "" for a stranger.
std::string pass_of(const govern::Who& who);
inline constexpr std::string_view kTokenPass = "token ";
inline constexpr std::string_view kSessionPass = "session ";
inline constexpr std::string_view kOwnerPass = "owner";

// Whether a changing request by a browser session shows the session's own token.
Status check_csrf(const govern::Who& who, const net::Request& request);

// The cookie of a session; an empty token ends it. `Secure` where the request came by https, as a trusted
// proxy says.
std::string session_cookie(std::string_view token, const net::Request& request);

}  // namespace linnet::api
