// The web app's files, built into the program.
#pragma once

#include <span>
#include <string_view>

namespace linnet::web {

// All views are valid as long as the program runs.
struct Asset {
  std::string_view path;          // as in the URL: "/app.js"
  std::string_view content_type;  // as in the header
  std::string_view etag;          // strong, of the plain body, with its quotes
  std::string_view body;
  std::string_view gzip_body;
};

// Every file, sorted by path. "/index.html" is the page to answer with for any path that is neither a file
// nor the API's: the app reads the address itself. Its links need no other origin, so serve it with
// kContentSecurityPolicy. Thread-safe.
std::span<const Asset> assets();

// The file at exactly `path`, or nullptr. Thread-safe.
const Asset* find_asset(std::string_view path);

// No inline script or style, and nothing from elsewhere but pictures, which the reader has to ask for.
// Trusted types let only the reader of post HTML (src/html.ts) parse text as HTML at all.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; media-src "
    "'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types linnet-html";

}  // namespace linnet::web
