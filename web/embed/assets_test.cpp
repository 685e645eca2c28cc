#include "web/assets.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace linnet::web {
namespace {

std::string unpack(std::string_view packed, std::size_t size) {
  std::string plain(size + 1, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  return plain;
}

TEST(WebAssets, FindsThePageAndWhatItLoads) {
  for (const auto* path : {"/index.html", "/app.js", "/app.css", "/icon.svg", "/licences.txt"}) {
    const auto* asset = find_asset(path);
    ASSERT_NE(asset, nullptr) << path;
    EXPECT_EQ(asset->path, path);
    EXPECT_FALSE(asset->body.empty()) << path;
  }
  EXPECT_EQ(find_asset("/index.html")->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(find_asset("/app.js")->content_type, "text/javascript; charset=utf-8");
}

TEST(WebAssets, KnowsNothingElse) {
  for (const auto* path : {"", "/", "/app.js.gz", "/app.j", "/app.jsx", "app.js", "/zzz"}) {
    EXPECT_EQ(find_asset(path), nullptr) << path;
  }
}

TEST(WebAssets, PackedBodiesHoldTheSameBytes) {
  for (const auto& asset : assets()) {
    EXPECT_EQ(unpack(asset.gzip_body, asset.body.size()), asset.body) << asset.path;
  }
}

TEST(WebAssets, EtagsAreQuotedAndDiffer) {
  for (const auto& one : assets()) {
    EXPECT_EQ(one.etag.front(), '"');
    EXPECT_EQ(one.etag.back(), '"');
    for (const auto& other : assets()) {
      if (one.path != other.path) {
        EXPECT_NE(one.etag, other.etag);
      }
    }
  }
}

// A small page is the point of it: what a browser downloads for the app's script stays under 60 kB.
TEST(WebAssets, TheScriptIsSmall) {
  EXPECT_LT(find_asset("/app.js")->gzip_body.size(), 60'000u);
}

TEST(WebAssets, ThePageNeedsNoInlineCode) {
  const auto page = find_asset("/index.html")->body;
  EXPECT_EQ(page.find("<style"), page.npos);
  EXPECT_EQ(page.find("style="), page.npos);
  EXPECT_EQ(page.find("onload="), page.npos);
  EXPECT_EQ(page.find("<script>"), page.npos);
}

}  // namespace
}  // namespace linnet::web
