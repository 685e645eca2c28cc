// The body of a request to act: whatever it is, it is read or refused with a reason.
#include "api/action_body.hpp"

#include "expect.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = linnet::api::parse_action_body(linnet::fuzz::text_of(data, size));
  linnet::fuzz::expect(body ? !body->account.empty() : !body.error().safe.empty());
  return 0;
}
