#include "connect/did.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace linnet::connect {

bool is_did(std::string_view text) {
  if (!text.starts_with("did:") || text.size() > 2'048) return false;
  const auto method_end = text.find(':', 4);
  if (method_end == std::string_view::npos || method_end == 4) return false;
  const auto method = text.substr(4, method_end - 4);
  const auto rest = text.substr(method_end + 1);
  return std::all_of(method.begin(), method.end(), [](char c) { return c >= 'a' && c <= 'z'; }) &&
         !rest.empty() && rest.back() != ':' && rest.back() != '%' &&
         std::all_of(rest.begin(), rest.end(), [](char c) {
           return ascii::is_alphanumeric(c) || std::string_view("._:%-").find(c) != std::string_view::npos;
         });
}

}  // namespace linnet::connect
