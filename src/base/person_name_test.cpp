// One person, one key: in any case, with any marks, and with the server in either of its forms.
#include "base/person_name.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace linnet {
namespace {

TEST(PersonName, HasOneKeyInEverySpelling) {
  for (const std::string_view name :
       {"ada@bücher.example", "ada@xn--bcher-kva.example", "@Ada@BÜCHER.example",
        "ADA@XN--BCHER-KVA.EXAMPLE.", " @ada@bu\u0308cher.example ", "ada@bücher。example",
        "ada＠bücher．example", "\u2068@ada@bücher.example\u2069", "ada\u200B@bücher\u200B.example",
        "@ａｄａ@bücher.example"}) {
    EXPECT_EQ(user_key(name), "ada@xn--bcher-kva.example") << name;
  }
  EXPECT_EQ(user_key("Ädä@social.example"), "ädä@social.example");
  EXPECT_EQ(user_key("Ada"), "ada");
  EXPECT_EQ(user_key("ädä.bücher"), "ädä.bücher");
  EXPECT_EQ(user_key("did:plc:abc"), "did:plc:abc");
  EXPECT_EQ(user_key("Ada@localhost:3000"), "ada@localhost:3000");
  EXPECT_EQ(user_key("ada@BÜCHER.example:3000"), "ada@xn--bcher-kva.example:3000");
  EXPECT_EQ(user_key("ada@BÜCHER.example.:3000"), "ada@xn--bcher-kva.example:3000");
  EXPECT_EQ(user_key("ada@social.example.:3000"), "ada@social.example:3000") << "within ASCII and beyond it";
  EXPECT_EQ(host_key("social.example.:3000."), "social.example:3000");
}

TEST(PersonName, KeepsServersApartThatOlderSoftwareConfuses) {
  EXPECT_EQ(user_key("ada@faß.example"), "ada@xn--fa-hia.example");
  EXPECT_EQ(user_key("ada@xn--fa-hia.example"), "ada@xn--fa-hia.example");
  EXPECT_EQ(user_key("ada@fass.example"), "ada@fass.example");
}

TEST(PersonName, KnowsWhatPeopleRead) {
  EXPECT_EQ(unicode_address("ada@xn--bcher-kva.example"), "ada@bücher.example");
  EXPECT_EQ(unicode_address("ada@plain.example"), "ada@plain.example");
  EXPECT_EQ(unicode_address("xn--bcher-kva.example"), "bücher.example");
  EXPECT_EQ(unicode_host("xn--broken-\xFF"), "xn--broken-\xFF");
  EXPECT_EQ(unicode_host("xn--bcher-kva.example:443"), "bücher.example:443");
}

TEST(PersonName, AddsTheServerOfWhomItWritesWithoutOne) {
  EXPECT_EQ(address_key("Ada", "bücher.example"), "ada@xn--bcher-kva.example");
  EXPECT_EQ(address_key("ada@far.example", "bücher.example"), "ada@far.example");
  EXPECT_EQ(address_key("", "bücher.example"), "");
}

std::string any_name() {
  std::string made;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i)
    made +=
        *rc::gen::element<std::string>("a", "B", "7", "é", "e\u0301", "Ａ", "漢", "ß", "@", "＠", ".", "。",
                                       ":80", " ", "\r", "\u00A0", "\u200D", "\u200E", "xn--", "-", "\xFF");
  return made;
}

TEST(PersonName, IsItsOwnKeyAlsoWhereNoServerIsLeft) {
  for (const std::string_view odd : {"ada@\u3000.", "ada@ .", "\u00fc@ .", "ada\uFF20.", "ada@\u200b."}) {
    const auto key = user_key(odd);
    EXPECT_EQ(user_key(key), key) << odd;
    EXPECT_TRUE(key.ends_with('@')) << odd << " became " << key;
  }
}

RC_GTEST_PROP(PersonName, AKeyIsItsOwnKey, ()) {
  const auto key = user_key(any_name());
  RC_ASSERT(user_key(key) == key);
}

}  // namespace
}  // namespace linnet
