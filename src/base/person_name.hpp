// How people and their servers are written: one form in which every spelling of the same is equal.
#pragma once

#include <string>
#include <string_view>

namespace linnet {

// A host in ASCII and small letters, without a dot at its end, with its port as written: "bücher.example",
// "BÜCHER.example." and "xn--bcher-kva.example" are one. What can be no host is as `comparable` has it.
std::string host_key(std::string_view host);
// By IDNA (UTS 46): "xn--bcher-kva.example"; empty where there is no such form.
std::string ascii_host(std::string_view host);
// The same as people read it: "bücher.example". What has no such form stays as it is.
std::string unicode_host(std::string_view host);

// Of a user's name or id: as `comparable`, without «@» and white space in front. Ids are compared like this
// as well: platforms give two people no ids that differ in case alone, and people write them in any.
std::string user_form(std::string_view name);
// The same with its server as `host_key` has it: "@Ada@BÜCHER.example" and "ada@xn--bcher-kva.example" are
// one. The one key of a person wherever addresses are compared, looked up or kept.
std::string user_key(std::string_view name);
// The key as people read it: "ada@bücher.example".
std::string unicode_address(std::string_view user_key);

// The server within a user's name as `user_key` gives it; empty without one.
std::string_view server_of(std::string_view user_key);
// The name within it, without the server.
std::string_view local_name_of(std::string_view user_key);

// The key of whom the server `host` writes as "ada" (its own) or "ada@example.social".
std::string address_key(std::string_view acct, std::string_view host);

}  // namespace linnet
