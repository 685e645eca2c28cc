// The facets of a post, and the names of records: places slice to what they say, names are read as they are
// written.
#include <string>

#include "connect/bluesky/facets.hpp"
#include "connect/bluesky/record_key.hpp"
#include "connect/bluesky/session.hpp"
#include "expect.hpp"

using linnet::fuzz::expect;
namespace bluesky = linnet::connect::bluesky;

namespace {

std::string in_capitals(std::string_view text) {
  std::string capitals(text);
  for (auto& c : capitals)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return capitals;
}

// A link is what stands there, "$aapl" the tag "$AAPL"; a mention and a hashtag come after their sign.
bool is_said_by(std::string_view slice, const bluesky::Facet& facet) {
  constexpr std::string_view kFullWidth = "\uFF03";
  if (facet.kind == bluesky::Facet::Kind::link) return slice == facet.value;
  if (slice.starts_with('$')) return in_capitals(slice) == facet.value;
  return slice.substr(slice.starts_with(kFullWidth) ? kFullWidth.size() : 1) == facet.value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = linnet::fuzz::text_of(data, size);
  std::size_t last = 0;
  for (const auto& facet : bluesky::find_facets(text)) {
    expect(facet.begin >= last && facet.begin < facet.end && facet.end <= text.size());
    const auto slice = text.substr(facet.begin, facet.end - facet.begin);
    expect(is_said_by(slice, facet));
    last = facet.end;
  }
  if (const auto uri = bluesky::parse_at_uri(text)) expect(uri->to_string() == text);
  (void)bluesky::token_end(text);
  (void)bluesky::is_handle(text);
  (void)bluesky::is_did(text);
  return 0;
}
