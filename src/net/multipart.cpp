#include "net/multipart.hpp"

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

Result<std::string> make_boundary() {
  LINNET_TRY(const auto random, random_bytes(24));
  return "linnet-" + base64_url(random);
}

void append_head(std::string& body, const std::string& boundary, const FormPart& part) {
  body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + escape_name(part.name) + "\"";
  if (!part.file_name.empty()) body += "; filename=\"" + escape_name(part.file_name) + "\"";
  if (!part.content_type.empty()) body += "\r\nContent-Type: " + part.content_type;
  body += "\r\n\r\n";
}

Status append_part(std::string& body, const std::string& boundary, const FormPart& part) {
  if (has_line_end(part.content_type)) return invalid("content type: expected one line");
  append_head(body, boundary, part);
  body += part.content;
  body += "\r\n";
  return {};
}

}  // namespace

Result<MultipartBody> make_multipart(const std::vector<FormPart>& parts) {
  LINNET_TRY(const auto boundary, make_boundary());
  std::string body;
  for (const auto& part : parts) LINNET_CHECK(append_part(body, boundary, part));
  body += "--" + boundary + "--\r\n";
  return MultipartBody{"multipart/form-data; boundary=" + boundary, std::move(body)};
}

Result<StreamedMultipart> make_multipart(const std::vector<FormPart>& fields, const FilePart& file) {
  LINNET_TRY(const auto boundary, make_boundary());
  if (has_line_end(file.content_type)) return invalid("content type: expected one line");
  FileBody body;
  for (const auto& field : fields) LINNET_CHECK(append_part(body.before, boundary, field));
  append_head(body.before, boundary, {file.name, {}, file.file_name, file.content_type});
  body.path = file.path;
  body.size = file.size;
  body.behind = "\r\n--" + boundary + "--\r\n";
  return StreamedMultipart{"multipart/form-data; boundary=" + boundary, std::move(body)};
}

}  // namespace linnet::net
