// The AT Protocol's own cases of syntax, and the places of facets.
#include "connect/bluesky/record_key.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "connect/bluesky/facets.hpp"
#include "source_dir.hpp"

namespace linnet::connect::bluesky {
namespace {

std::filesystem::path cases_folder() {
  const char* const shared = std::getenv("LINNET_SHARED");
  const std::filesystem::path root = shared != nullptr ? shared : LINNET_SOURCE_DIR "/../shared";
  return root / "data/atproto/syntax";
}

std::vector<std::string> cases(const std::string& name) {
  std::ifstream file(cases_folder() / name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && !line.starts_with("#")) lines.push_back(line);
  }
  return lines;
}

void check(const std::string& what, const std::function<bool(std::string_view)>& is_good) {
  if (!std::filesystem::exists(cases_folder())) GTEST_SKIP() << "no shared data";
  const auto valid = cases(what + "_syntax_valid.txt");
  const auto invalid = cases(what + "_syntax_invalid.txt");
  ASSERT_FALSE(valid.empty() || invalid.empty());
  for (const auto& text : valid) EXPECT_TRUE(is_good(text)) << text;
  for (const auto& text : invalid) EXPECT_FALSE(is_good(text)) << text;
}

TEST(AtSyntax, Did) {
  check("did", is_did);
}
TEST(AtSyntax, Handle) {
  check("handle", is_handle);
}
TEST(AtSyntax, Tid) {
  check("tid", is_tid);
}
TEST(AtSyntax, Nsid) {
  check("nsid", [](std::string_view nsid) {
    return parse_at_uri("at://did:plc:abc/" + std::string(nsid) + "/key").has_value();
  });
}
TEST(AtSyntax, RecordKey) {
  check("recordkey", [](std::string_view key) {
    return parse_at_uri("at://did:plc:abc/com.example.thing/" + std::string(key)).has_value();
  });
}
TEST(AtSyntax, UriOfARecord) {
  if (!std::filesystem::exists(cases_folder())) GTEST_SKIP() << "no shared data";
  for (const auto& text : cases("aturi_syntax_invalid.txt")) EXPECT_FALSE(parse_at_uri(text)) << text;
  std::size_t records = 0;
  for (const auto& text : cases("aturi_syntax_valid.txt")) {
    const auto uri = parse_at_uri(text);
    records += uri.has_value();
    if (uri) {
      EXPECT_EQ(uri->to_string(), text);
    }
  }
  EXPECT_GT(records, 10);
}

RC_GTEST_PROP(Tid, SortsByTime, (std::uint16_t clock)) {
  const auto micros = rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 52U);
  const auto a = *micros;
  const auto b = *micros;
  RC_ASSERT(is_tid(make_tid(from_micros(a), clock)));
  if (a < b) RC_ASSERT(make_tid(from_micros(a), 1023) < make_tid(from_micros(b), 0));
}

// Whatever the text, each facet slices to what it says.
RC_GTEST_PROP(Facets, SliceToWhatTheySay, ()) {
  std::string text;
  const int count = *rc::gen::inRange(0, 20);
  for (int i = 0; i < count; ++i) {
    text += *rc::gen::element<std::string>("@ada.test", "#Vögel", "#1", "https://example.org/ä?x=(1)", " ",
                                           "\n", "東京", "👩‍👩‍👧‍👦", ".", "(", ")", "\xff",
                                           "#", "@", "http://");
  }
  std::size_t last = 0;
  for (const auto& facet : find_facets(text)) {
    RC_ASSERT(facet.begin >= last);
    RC_ASSERT(facet.end <= text.size());
    const auto slice = text.substr(facet.begin, facet.end - facet.begin);
    RC_ASSERT((facet.kind == Facet::Kind::link ? slice : slice.substr(1)) == facet.value);
    last = facet.end;
  }
}

}  // namespace
}  // namespace linnet::connect::bluesky
