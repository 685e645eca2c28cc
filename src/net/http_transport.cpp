#include "net/http_transport.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace linnet::net {
namespace {

ErrorKind kind_for_status(int status) {
  switch (status) {
    case 401:
    case 403:
    case 451:
      return ErrorKind::denied;
    case 404:
    case 410:
      return ErrorKind::not_found;
    case 408:
    case 425:
      return ErrorKind::unavailable;
    case 409:
      return ErrorKind::conflict;
    case 429:
      return ErrorKind::rate_limited;
    default:
      return status >= 400 && status < 500 ? ErrorKind::invalid : ErrorKind::unavailable;
  }
}

}  // namespace

Error error_for_status(int status, std::string_view what) {
  return Error::of(kind_for_status(status), fmt::format("{}: the server answered HTTP {}", what, status));
}

Status check_status(const HttpResponse& response, std::string_view what) {
  if (response.status >= 200 && response.status < 300) return {};
  Error error = error_for_status(response.status, what);
  if (!response.body.empty()) {
    error.message += ": " + to_valid_utf8(truncate_utf8(response.body, 300));
  }
  return error;
}

}  // namespace linnet::net
