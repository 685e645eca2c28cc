// multipart/form-data bodies (RFC 7578).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/http_transport.hpp"

namespace linnet::net {

struct FormPart {
  std::string name;
  std::string_view content;
  std::string file_name;     // empty: a plain field
  std::string content_type;  // of a file
};

// With a file as its last part, which is read while it is sent.
struct FilePart {
  std::string name;
  std::string path;
  std::uint64_t size = 0;
  std::string file_name;
  std::string content_type;
};

struct MultipartBody {
  std::string content_type;  // with the boundary
  std::string body;
};

// Names and file names may hold anything: quotes and line ends are escaped as browsers do. The boundary is
// random, and does not occur in the parts.
Result<MultipartBody> make_multipart(const std::vector<FormPart>& parts);

struct StreamedMultipart {
  std::string content_type;
  FileBody body;
};
Result<StreamedMultipart> make_multipart(const std::vector<FormPart>& fields, const FilePart& file);

}  // namespace linnet::net
