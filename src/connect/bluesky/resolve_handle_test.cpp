// Whose handle it is, as a PDS says it.
#include "connect/bluesky/resolve_handle.hpp"

#include <gtest/gtest.h>

namespace linnet::connect::bluesky {
namespace {

class OneAnswer final : public net::HttpTransport {
 public:
  net::HttpResponse answer;
  std::string asked;
  Result<net::HttpResponse> send(const net::HttpRequest& request, std::stop_token) override {
    asked = request.url;
    return answer;
  }
};

TEST(ResolveHandle, says_whose_it_is) {
  SystemClock clock;
  RequestBudget budget(clock);
  OneAnswer transport;
  const auto resolve = [&](const std::string& handle) {
    return resolve_handle(transport, budget, "https://bsky.social", handle, {});
  };
  transport.answer = {200, {}, R"({"did":"did:plc:ada"})", ""};
  EXPECT_EQ(resolve("ada.bsky.social").value(), "did:plc:ada");
  EXPECT_EQ(transport.asked,
            "https://bsky.social/xrpc/com.atproto.identity.resolveHandle?handle=ada.bsky.social");
  EXPECT_EQ(resolve("no handle").error().kind, ErrorKind::invalid);
  transport.answer = {400, {}, R"({"error":"InvalidRequest","message":"Unable to resolve handle"})", ""};
  EXPECT_EQ(resolve("nobody.example").error().kind, ErrorKind::not_found);
  transport.answer = {200, {}, R"({"did":"7"})", ""};
  EXPECT_EQ(resolve("ada.bsky.social").error().kind, ErrorKind::unavailable);
  transport.answer = {503, {}, "<html>", ""};
  EXPECT_EQ(resolve("ada.bsky.social").error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace linnet::connect::bluesky
