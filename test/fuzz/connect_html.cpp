// The HTML of strangers: text of it, and a form that is safe to show and does not change when made safe
// again.
#include <string>

#include "base/html_sanitize.hpp"
#include "base/html_text.hpp"
#include "base/text.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto html = linnet::fuzz::text_of(data, size);
  const auto text = linnet::html_to_text(html);
  expect(text.find('\0') == std::string::npos);
  if (linnet::is_valid_utf8(html)) expect(linnet::is_valid_utf8(text));
  const auto safe = linnet::sanitize_html(html);
  expect(linnet::is_valid_utf8(safe));
  expect(linnet::sanitize_html(safe) == safe);
  for (const char* never :
       {"<script", "<style", "<iframe", "<img", "<svg", "<form", "<!--", "href=\"javascript:"}) {
    expect(safe.find(never) == std::string::npos);
  }
  return 0;
}
