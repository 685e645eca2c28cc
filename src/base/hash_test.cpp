// Hashes against published test vectors.
#include "base/hash.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet {
namespace {

TEST(Hash, sha256_is_that_of_fips_180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

RC_GTEST_PROP(Hash, pieces_hash_like_the_whole, (const std::vector<std::string>& pieces)) {
  Sha256 sha;
  std::string whole;
  for (const auto& piece : pieces) {
    sha.update(piece);
    whole += piece;
  }
  RC_ASSERT(sha.finish_hex() == sha256_hex(whole));
}

TEST(Hash, a_moved_hash_goes_on) {
  Sha256 first;
  first.update("a");
  Sha256 second = std::move(first);
  second.update("bc");
  EXPECT_EQ(second.finish_hex(), sha256_hex("abc"));
}

TEST(Hash, fast_hash_is_xxh3_and_heeds_its_seed) {
  EXPECT_EQ(fast_hash(""), 0x2D06800538D394C2U);  // From the specification of XXH3, seed 0.
  EXPECT_NE(fast_hash("abc", 0), fast_hash("abc", 1));
  EXPECT_NE(fast_hash("abc"), fast_hash("abd"));
  EXPECT_EQ(fast_hash(std::string_view("abc")), fast_hash(std::string("abc")));
}

}  // namespace
}  // namespace linnet
