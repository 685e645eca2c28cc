#include "net/request_fields.hpp"

#include "base/ascii.hpp"

namespace linnet::net {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

}  // namespace

std::optional<std::string_view> FieldSource::find(std::string_view name) const {
  const auto field = fields_.find(beast::string_view(name.data(), name.size()));
  if (field == fields_.end()) return std::nullopt;
  return view(field->value());
}

std::string FieldSource::joined(std::string_view name) const {
  std::string all;
  const auto [begin, end] = fields_.equal_range(beast::string_view(name.data(), name.size()));
  for (auto field = begin; field != end; ++field) {
    if (!all.empty()) all += ", ";
    all += view(field->value());
  }
  return all;
}

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
      return Method::get;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::del;
    case http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

bool is_changing(Method method) {
  return method != Method::get && method != Method::options;
}

// Beast reads "chunked, identity" as no body at all, and a server before us might not: what follows could
// then be taken for a request of somebody else.
bool is_coding_clear(const Fields& fields) {
  const auto count = fields.count(http::field::transfer_encoding);
  if (count == 0) return true;
  return count == 1 && fields.version() >= 11 &&
         ascii::equal_ignoring_case(view(fields[http::field::transfer_encoding]), "chunked");
}

int status_for(const error_code& code) {
  if (code == http::error::header_limit || code == http::error::buffer_overflow) return 431;
  if (code == http::error::body_limit) return 413;
  if (code == http::error::bad_version) return 505;
  return 400;
}

}  // namespace linnet::net
