// Which addresses are the public internet, and that neither HTTP nor WebSockets connect to others unasked.
#include "net/network_guard.hpp"

#include <gtest/gtest.h>

#include "net/curl_transport.hpp"
#include "net/event_source.hpp"
#include "net/scripted_server.hpp"
#include "net/websocket_client.hpp"

namespace linnet::net {
namespace {

IpAddress ip(std::string_view text) {
  return parse_ip(text).value();
}

TEST(NetworkGuard, KnowsPublicAddresses) {
  for (const auto* const text : {"1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255",
                                 "100.128.0.0", "192.0.1.0", "223.255.255.255", "2606:4700:4700::1111",
                                 "2a00::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
    EXPECT_TRUE(is_public(ip(text))) << text;
}

TEST(NetworkGuard, KnowsAddressesThatAreNot) {
  for (const auto* const text : {"0.0.0.0",
                                 "10.1.2.3",
                                 "100.64.0.1",
                                 "127.0.0.1",
                                 "127.255.255.255",
                                 "169.254.169.254",
                                 "172.16.0.1",
                                 "172.31.255.255",
                                 "192.0.0.1",
                                 "192.168.0.1",
                                 "198.18.0.1",
                                 "203.0.113.9",
                                 "224.0.0.1",
                                 "255.255.255.255",
                                 "::",
                                 "::1",
                                 "fe80::1",
                                 "fc00::1",
                                 "fd12:3456::1",
                                 "ff02::1",
                                 "2001:db8::1",
                                 "2001::1",
                                 "::ffff:10.0.0.1",
                                 "::ffff:127.0.0.1",
                                 "64:ff9b::a00:1",
                                 "2002:a00:1::1",
                                 "2002:7f00:1::",
                                 "4000::1",
                                 "::7f00:1"})
    EXPECT_FALSE(is_public(ip(text))) << text;
}

TEST(NetworkGuard, ReadsNetworks) {
  const auto networks = parse_networks("10.0.0.0/8, fd00::/8 192.168.1.20");
  ASSERT_TRUE(networks) << networks.error().message;
  EXPECT_EQ(networks->size(), 3U);
  EXPECT_TRUE(parse_networks("").value().empty());
  for (const auto* const text :
       {"10.0.0.0/33", "10.0.0/8", "fd00::/129", "localhost", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x"})
    EXPECT_FALSE(parse_networks(text)) << text;
}

class NetworkGuardDoors : public testing::Test {
 protected:
  void SetUp() override { allow_networks({}); }
  void TearDown() override { allow_networks(parse_networks("127.0.0.0/8 ::1").value()); }
};

TEST_F(NetworkGuardDoors, AllowsWhatItsOwnerAllows) {
  EXPECT_FALSE(may_connect(ip("192.168.1.20")));
  allow_networks(parse_networks("192.168.1.16/28").value());
  EXPECT_TRUE(may_connect(ip("192.168.1.20")));
  EXPECT_TRUE(may_connect(ip("192.168.1.31")));
  EXPECT_FALSE(may_connect(ip("192.168.1.32")));
  EXPECT_FALSE(may_connect(ip("127.0.0.1")));
}

TEST_F(NetworkGuardDoors, NoDoorOpensToAPrivateAddress) {
  ScriptedServer server([](RawPeer& peer) { peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); });
  allow_networks({});
  for (const auto* const host : {"127.0.0.1", "localhost", "127.1"}) {
    CurlTransport transport;
    HttpRequest request;
    request.url = "http://" + std::string(host) + ":" + std::to_string(server.port()) + "/";
    const auto answer = transport.send(request, {});
    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid) << answer.error().message;
    EXPECT_NE(answer.error().message.find("allowed_networks"), std::string::npos) << answer.error().message;
    EXPECT_TRUE(answer.error().never_sent);
    WebSocketRequest socket;
    socket.url = "ws://" + std::string(host) + ":" + std::to_string(server.port()) + "/";
    const auto client = WebSocketClient::connect(socket, {});
    ASSERT_FALSE(client) << host;
    EXPECT_NE(client.error().message.find("allowed_networks"), std::string::npos) << client.error().message;
  }
}

}  // namespace
}  // namespace linnet::net
