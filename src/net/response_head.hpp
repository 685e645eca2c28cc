// The head of an answer, as bytes. Private to this library.
#pragma once

#include <string>
#include <string_view>

#include "net/http_message.hpp"

namespace linnet::net {

struct HeadContext {
  bool keep_alive = true;
  bool is_http_1_1 = true;       // the request was
  std::string_view date_line;    // "Date: …\r\n"
  std::string_view static_head;  // whole lines
};

// Not for 1xx, 204 and 304.
bool may_have_body(int status);

// The response's own headers must have been checked (see check_headers).
void append_response_head(std::string& out, const Response& response, const HeadContext& context);

}  // namespace linnet::net
