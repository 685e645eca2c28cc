// multipart/form-data bodies (RFC 7578).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace linnet::net {

struct FormPart {
  std::string name;
  std::string_view content;
  std::string file_name;     // empty: a plain field
  std::string content_type;  // of a file
};

struct MultipartBody {
  std::string content_type;  // with the boundary
  std::string body;
};

// Names and file names may hold anything: quotes and line ends are escaped as browsers do. The boundary is
// random, and does not occur in the parts.
Result<MultipartBody> make_multipart(const std::vector<FormPart>& parts);

}  // namespace linnet::net
