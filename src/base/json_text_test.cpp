#include "base/json_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

namespace linnet {
namespace {

RC_GTEST_PROP(JsonText, is_read_back_by_others, ()) {
  const auto points = *rc::gen::container<std::string>(rc::gen::inRange('\0', '\x7f'));
  const auto text = points + "ä\u2028😀";
  RC_ASSERT(std::string_view(boost::json::parse(json_quote(text)).as_string()) == text);
}

TEST(JsonText, stays_as_it_is_but_for_what_must_be_escaped) {
  EXPECT_EQ(json_quote("\"é\\/\n\r\x01\x7f\""), "\"\\\"é\\\\/\\n\\u000d\\u0001\x7f\\\"\"");
  std::string json = "[";
  append_json_text(json, "");
  EXPECT_EQ(json, "[\"\"");
}

}  // namespace
}  // namespace linnet
