// Names, handles and links as people type and paste them: what is made of one once stays as it is when made again,
// and holds nothing unseen.
#include <string>

#include "base/hashtag_name.hpp"
#include "base/person_name.hpp"
#include "base/text.hpp"
#include "expect.hpp"
#include "model/typed_name.hpp"

using linnet::fuzz::expect;
using namespace linnet::model;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = linnet::fuzz::text_of(data, size);
  const auto clean = clean_name(text);
  expect(linnet::is_valid_utf8(clean));
  expect(clean.find('\0') == std::string::npos && clean.find('\x1b') == std::string::npos);
  expect(clean_name(clean) == clean);

  const auto address = address_as_typed(text);
  expect(linnet::is_valid_utf8(address));

  const auto key = linnet::user_key(clean);
  expect(linnet::user_key(key) == key);
  expect(linnet::user_key("@" + clean) == key);
  const auto server = linnet::server_of(key);
  if (!server.empty()) expect(linnet::user_key(linnet::unicode_address(key)) == key);
  expect(linnet::host_key(server) == server);

  const auto tag = linnet::hashtag_name(clean);
  // One «#» is the sign, and what comes behind it is the name, be it a second one or a blank.
  if (!tag.starts_with('#') && linnet::trim(tag) == tag) expect(linnet::hashtag_name(tag) == tag);
  const auto names = linnet::hashtag_names(clean);
  expect(!names.empty() && names.front() == tag);
  return 0;
}
