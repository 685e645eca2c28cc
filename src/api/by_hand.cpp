#include "api/by_hand.hpp"

namespace linnet::api {
namespace {

// Browsers add both to what a page sends, and pages can change neither. That the origin is ours the server
// has seen to.
bool comes_from_a_page(const net::Request& request) {
  if (request.header("Sec-Fetch-Site") == "same-origin") return true;
  return request.header("Origin").value_or("").find("://") != std::string_view::npos;
}

}  // namespace

bool is_by_hand(const govern::Who& who, const net::Request& request) {
  return who.is_person && (!who.session_id.empty() || comes_from_a_page(request));
}

}  // namespace linnet::api
