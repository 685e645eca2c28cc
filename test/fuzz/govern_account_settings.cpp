// The settings of an account: what is read is written and read again alike.
#include "govern/account_settings.hpp"

#include <boost/json.hpp>

#include "expect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto settings = linnet::govern::parse_account_settings(linnet::fuzz::text_of(data, size), "mastodon");
  if (!settings) return 0;
  const auto again = linnet::govern::parse_account_settings(
      boost::json::serialize(linnet::govern::to_json(*settings)), "mastodon");
  linnet::fuzz::expect(again && again.value() == settings.value());
  return 0;
}
