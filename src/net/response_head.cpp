#include "net/response_head.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include "net/headers.hpp"

namespace linnet::net {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

bool may_have_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_response_head(std::string& out, const Response& response, const HeadContext& context) {
  const int status = response.status;
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
  out += context.date_line;
  if (!response.content_type.empty() && may_have_body(status)) {
    out += "Content-Type: ";
    out += is_valid_header_value(response.content_type) ? std::string_view(response.content_type)
                                                        : "application/octet-stream";
    out += "\r\n";
  }
  if (may_have_body(status)) {
    out += "Content-Length: ";
    append_number(out, response.body_text().size());
    out += "\r\n";
  }
  if (!context.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!context.is_http_1_1) {
    out += "Connection: keep-alive\r\n";
  }
  out += context.static_head;
  for (const auto& [name, value] : response.headers) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  out += "\r\n";
}

}  // namespace linnet::net
