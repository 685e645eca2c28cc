#include "base/binary_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace linnet {
namespace {

// OpenSSL's, as a second opinion.
std::string openssl_base64(const std::string& bytes) {
  std::string text(bytes.size() / 3 * 4 + 5, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

RC_GTEST_PROP(BinaryText, hexadecimal_digits_come_back, (const std::string& bytes)) {
  std::string expected;
  for (const char c : bytes) expected += fmt::format("{:02x}", static_cast<unsigned char>(c));
  RC_ASSERT(to_hex(bytes) == expected);
  RC_ASSERT(from_hex(expected) == bytes);
}

RC_GTEST_PROP(BinaryText, base64_is_that_of_others, (const std::string& bytes)) {
  auto text = openssl_base64(bytes);
  RC_ASSERT(from_base64(text) == bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  RC_ASSERT(from_base64_url(text) == bytes);
  while (text.ends_with('=')) text.pop_back();
  RC_ASSERT(base64_url(bytes) == text);
  RC_ASSERT(from_base64_url(text) == bytes);
}

TEST(BinaryText, reads_digits_of_either_case_and_no_others) {
  EXPECT_EQ(from_hex("00fFAb"), std::string("\0\xff\xab", 3));
  for (const auto* const text : {"0", "0g", "0x00", " 00", "00 ", "0:0"})
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

TEST(BinaryText, refuses_what_is_no_base64) {
  for (const auto* const text :
       {"QQ", "QQ=", "QQ===", "Q===", "Q", "QUJD\n", "QU JD", "Q=UJ", "QQ==QQ==", "QUJ-"})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  for (const auto* const text : {"Q", "QUJ+", "QUJ/", "Q QQ"})
    EXPECT_EQ(from_base64_url(text), std::nullopt) << text;
}

}  // namespace
}  // namespace linnet
