#include "net/multipart.hpp"

#include <algorithm>

#include "base/binary_text.hpp"
#include "base/secret_box.hpp"

namespace linnet::net {
namespace {

// As the HTML standard says (multipart/form-data encoding algorithm).
std::string escape_name(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    switch (c) {
      case '"':
        escaped += "%22";
        break;
      case '\r':
        escaped += "%0D";
        break;
      case '\n':
        escaped += "%0A";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

bool has_line_end(std::string_view text) {
  return text.find_first_of("\r\n") != std::string_view::npos;
}

}  // namespace

Result<MultipartBody> make_multipart(const std::vector<FormPart>& parts) {
  LINNET_TRY(const auto random, random_bytes(24));
  const std::string boundary = "linnet-" + base64_url(random);
  constexpr std::size_t kFields = 1'000;  // about what goes before each, and behind
  std::size_t size = kFields;
  for (const auto& part : parts) size += part.content.size() + kFields;
  std::string body;
  body.reserve(size);  // a film is not moved about while it grows
  for (const auto& part : parts) {
    if (has_line_end(part.content_type)) return invalid("content type: expected one line");
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + escape_name(part.name) + "\"";
    if (!part.file_name.empty()) body += "; filename=\"" + escape_name(part.file_name) + "\"";
    if (!part.content_type.empty()) body += "\r\nContent-Type: " + part.content_type;
    body += "\r\n\r\n";
    body += part.content;
    body += "\r\n";
  }
  body += "--" + boundary + "--\r\n";
  return MultipartBody{"multipart/form-data; boundary=" + boundary, std::move(body)};
}

}  // namespace linnet::net
