// The WebSocket client against servers that misbehave, and against certificates that do not fit.
#include "net/websocket_client.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>

#include "net/scripted_web_socket.hpp"

namespace linnet::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

WebSocketRequest request_to(const ScriptedServer& server) {
  WebSocketRequest request;
  request.url = server.url("/stream?x=1", "ws");
  request.connect_timeout = seconds{3};
  return request;
}

TEST(WebSocketClient, TalksBothWays) {
  std::string head;
  ScriptedServer server([&](RawPeer& peer) {
    head = peer.read_until("\r\n\r\n");
    peer.send(upgrade_answer(head));
    const auto [opcode, text] = read_frame(peer);
    peer.send(frame(1, "echo " + text));
    peer.send(frame(1, "in ", false) + frame(9, "ping") + frame(0, "pieces"));
    EXPECT_EQ(read_frame(peer), (std::pair<int, std::string>{10, "ping"})) << "a ping is answered";
    peer.send(frame(2, "bytes"));
    EXPECT_EQ(read_frame(peer).first, 8) << "goodbye";
    peer.send(frame(8, "\x03\xE8"));
  });
  auto request = request_to(server);
  request.headers = {{"Authorization", "Bearer t"}};
  request.subprotocol = "";
  WebSocketHandshake answer;
  auto client = WebSocketClient::connect(request, {}, &answer);
  ASSERT_TRUE(client.ok()) << client.error().message;
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.headers.find("x-server"), "test");
  EXPECT_EQ(head.substr(0, 26), "GET /stream?x=1 HTTP/1.1\r\n");
  EXPECT_NE(head.find("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"), std::string::npos);
  EXPECT_NE(head.find("Authorization: Bearer t\r\n"), std::string::npos);
  EXPECT_NE(head.find("User-Agent: Linnet/0.1\r\n"), std::string::npos);
  ASSERT_TRUE(client->send_text("hello", {}).ok());
  for (const auto& [expected, binary] :
       {std::pair("echo hello", false), {"in pieces", false}, {"bytes", true}}) {
    const auto message = client->read(seconds{3}, {});
    ASSERT_TRUE(message.ok()) << message.error().message;
    ASSERT_TRUE(message->has_value());
    EXPECT_EQ((*message)->data, expected);
    EXPECT_EQ((*message)->binary, binary);
  }
  client->close();
  client->close();
  EXPECT_EQ(client->read(seconds{1}, {}).error().kind, ErrorKind::unavailable);
}

TEST(WebSocketClient, AQuietTimeIsNoError) {
  ScriptedServer server(accepting([](RawPeer& peer) {
    peer.is_closed_within(milliseconds{300});
    peer.send(frame(1, "late").substr(0, 3));
    peer.is_closed_within(milliseconds{200});
    peer.send(frame(1, "late").substr(3));
    peer.is_closed_within(seconds{3});
  }));
  auto client = WebSocketClient::connect(request_to(server), {});
  ASSERT_TRUE(client.ok());
  int quiet = 0;
  while (true) {
    const auto message = client->read(milliseconds{50}, {});
    ASSERT_TRUE(message.ok()) << message.error().message;
    if (message->has_value()) {
      EXPECT_EQ((*message)->data, "late") << "what was half received is kept";
      break;
    }
    ASSERT_LT(++quiet, 100);
  }
  EXPECT_GE(quiet, 3);
}

TEST(WebSocketClient, KeepsWhatComesWhileItSends) {
  ScriptedServer server(accepting([](RawPeer& peer) {
    for (const auto* const text : {"one", "two"}) peer.send(frame(1, text));
    for (int i = 0; i < 20; ++i) read_frame(peer);
    peer.send(frame(1, "three"));
    peer.is_closed_within(seconds{3});
  }));
  auto client = WebSocketClient::connect(request_to(server), {});
  ASSERT_TRUE(client.ok());
  std::vector<std::string> seen;
  const auto first = client->read(Duration{0}, {});
  ASSERT_TRUE(first.ok()) << "a read is under way from here on";
  if (first->has_value()) seen.push_back((*first)->data);
  std::this_thread::sleep_for(milliseconds{200});
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client->send_text("hello", {}).ok());
  while (seen.size() < 3) {
    const auto message = client->read(seconds{3}, {});
    ASSERT_TRUE(message.ok()) << message.error().message;
    ASSERT_TRUE(message->has_value());
    seen.push_back((*message)->data);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"one", "two", "three"}));
}

TEST(WebSocketClient, GivesTheStatusWhenRefused) {
  const std::pair<const char*, ErrorKind> answers[] = {{"404 Not Found", ErrorKind::not_found},
                                                       {"401 Unauthorized", ErrorKind::denied},
                                                       {"200 OK", ErrorKind::unavailable},
                                                       {"302 Found", ErrorKind::unavailable},
                                                       {"503 Service Unavailable", ErrorKind::unavailable}};
  for (const auto& [text, kind] : answers) {
    ScriptedServer server([text = text](RawPeer& peer) {
      peer.read_until("\r\n\r\n");
      peer.send(
          http_answer(text, "Location: ws://evil.example/\r\nContent-Type: text/html\r\n", "<p>no</p>"));
    });
    WebSocketHandshake answer;
    const auto client = WebSocketClient::connect(request_to(server), {}, &answer);
    ASSERT_FALSE(client.ok()) << text;
    EXPECT_EQ(client.error().kind, kind) << text;
    EXPECT_EQ(answer.status, std::stoi(text));
    EXPECT_EQ(answer.headers.find("Content-Type"), "text/html");
    EXPECT_EQ(server.connections(), 1);
  }
}

TEST(WebSocketClient, NoticesAHalfFrameAndSilence) {
  ScriptedServer server(accepting([](RawPeer& peer) {
    peer.send(frame(1, "never whole").substr(0, 5));
    peer.is_closed_within(seconds{5});
  }));
  auto request = request_to(server);
  request.ping_every = milliseconds{200};
  auto client = WebSocketClient::connect(request, {});
  ASSERT_TRUE(client.ok());
  const auto begin = Clock::now();
  const auto message = client->read(seconds{10}, {});
  ASSERT_FALSE(message.ok());
  EXPECT_EQ(message.error().kind, ErrorKind::unavailable) << message.error().message;
  EXPECT_LT(Clock::now() - begin, seconds{3});
}

TEST(WebSocketClient, PingsKeepAQuietConnection) {
  std::atomic<int> pings{0};
  ScriptedServer server(accepting([&](RawPeer& peer) {
    while (pings < 3) {
      const auto [opcode, payload] = read_frame(peer);
      if (opcode != 9) return;
      ++pings;
      peer.send(frame(10, payload));
    }
    peer.send(frame(1, "still here"));
    peer.is_closed_within(seconds{3});
  }));
  auto request = request_to(server);
  request.ping_every = milliseconds{150};
  auto client = WebSocketClient::connect(request, {});
  ASSERT_TRUE(client.ok());
  const auto message = client->read(seconds{5}, {});
  ASSERT_TRUE(message.ok()) << message.error().message;
  EXPECT_EQ(message->value().data, "still here");
  EXPECT_EQ(pings, 3);
}

TEST(WebSocketClient, BoundsAMessage) {
  ScriptedServer server(accepting([](RawPeer& peer) {
    for (int i = 0; i < 100; ++i) peer.send(frame(i == 0 ? 1 : 0, std::string(1000, 'x'), false));
    peer.is_closed_within(seconds{3});
  }));
  auto request = request_to(server);
  request.max_message_bytes = 10'000;
  auto client = WebSocketClient::connect(request, {});
  ASSERT_TRUE(client.ok());
  const auto message = client->read(seconds{5}, {});
  ASSERT_FALSE(message.ok());
  EXPECT_EQ(message.error().kind, ErrorKind::invalid) << message.error().message;
}

TEST(WebSocketClient, RefusesABrokenProtocol) {
  for (const std::string& bytes : {std::string("\x83\x00", 2), std::string("\xF1\x00", 2),
                                   frame(1, "\xFF\xFF"), std::string("\x81\x81mask!", 7)}) {
    ScriptedServer server(accepting([&](RawPeer& peer) {
      peer.send(bytes);
      peer.is_closed_within(seconds{20});
    }));
    auto client = WebSocketClient::connect(request_to(server), {});
    ASSERT_TRUE(client.ok());
    const auto message = client->read(seconds{15}, {});
    ASSERT_FALSE(message.ok());
    // Beast tells of the hang-up instead where the other side was quicker to close.
    const bool has_hung_up = message.error().message.find("not connected") != std::string::npos;
    EXPECT_TRUE(message.error().kind == ErrorKind::invalid || has_hung_up) << message.error().message;
  }
}

TEST(WebSocketClient, SaysWhyTheServerClosed) {
  ScriptedServer server(accepting([](RawPeer& peer) {
    peer.send(frame(8,
                    "\x0F\xA4"
                    "bad token"));      // 4004
    peer.is_closed_within(seconds{5});  // and does not hang up, as it should
  }));
  auto client = WebSocketClient::connect(request_to(server), {});
  ASSERT_TRUE(client.ok());
  const auto message = client->read(seconds{10}, {});
  ASSERT_FALSE(message.ok());
  EXPECT_EQ(message.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(client->close_code(), 4004);
}

TEST(WebSocketClient, NoticesALostConnection) {
  ScriptedServer server(accepting([](RawPeer& peer) { peer.close(); }));
  auto client = WebSocketClient::connect(request_to(server), {});
  ASSERT_TRUE(client.ok());
  EXPECT_EQ(client->read(seconds{3}, {}).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(client->send_text("x", {}).error().kind, ErrorKind::unavailable);
}

TEST(WebSocketClient, ConnectingTimesOutAndStops) {
  ScriptedServer server([](RawPeer& peer) { peer.is_closed_within(seconds{5}); });
  auto request = request_to(server);
  request.connect_timeout = milliseconds{200};
  auto begin = Clock::now();
  WebSocketHandshake answer;
  EXPECT_EQ(WebSocketClient::connect(request, {}, &answer).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(answer.status, 0);
  EXPECT_LT(Clock::now() - begin, seconds{2});
  request.connect_timeout = seconds{5};
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds{100});
    stop.request_stop();
  });
  begin = Clock::now();
  EXPECT_EQ(WebSocketClient::connect(request, stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_LT(Clock::now() - begin, seconds{2});
  stopper.join();
}

TEST(WebSocketClient, ReadingStopsAtOnce) {
  ScriptedServer server(accepting([](RawPeer& peer) { peer.is_closed_within(seconds{5}); }));
  auto client = WebSocketClient::connect(request_to(server), {});
  ASSERT_TRUE(client.ok());
  std::stop_source stop;
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds{100});
    stop.request_stop();
  });
  const auto begin = Clock::now();
  EXPECT_EQ(client->read(seconds{5}, stop.get_token()).error().kind, ErrorKind::cancelled);
  EXPECT_LT(Clock::now() - begin, seconds{2});
  stopper.join();
}

TEST(WebSocketClient, RefusesBadRequests) {
  WebSocketRequest request;
  for (const char* url : {"", "http://127.0.0.1/", "ws://a b/", "ws://u:p@127.0.0.1/"}) {
    request.url = url;
    EXPECT_EQ(WebSocketClient::connect(request, {}).error().kind, ErrorKind::invalid) << url;
  }
  request.url = "ws://127.0.0.1:1/";
  EXPECT_EQ(WebSocketClient::connect(request, {}).error().kind, ErrorKind::unavailable);
  request.headers = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(WebSocketClient::connect(request, {}).error().kind, ErrorKind::invalid);
}

// A self-signed certificate for one name, written to a file that is the client's list of authorities.
class TestCertificate {
 public:
  explicit TestCertificate(const char* name) : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* subject = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"),
                               -1, -1, 0);
    X509_set_issuer_name(certificate_, subject);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate_, key_, EVP_sha256());
    path_ =
        std::filesystem::temp_directory_path() / ("linnet-net-test-" + std::to_string(::getpid()) + ".pem");
    BIO* file = BIO_new_file(path_.c_str(), "w");
    PEM_write_bio_X509(file, certificate_);
    BIO_free(file);
  }
  ~TestCertificate() {
    std::filesystem::remove(path_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

  // Answers a handshake and sends one message, over TLS.
  void serve(RawPeer& peer) const {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, certificate_);
    SSL_CTX_use_PrivateKey(context, key_);
    SSL* tls = SSL_new(context);
    SSL_set_fd(tls, peer.socket());
    if (SSL_accept(tls) == 1) {
      std::string head;
      char bytes[4096];
      while (head.find("\r\n\r\n") == std::string::npos) {
        const int count = SSL_read(tls, bytes, sizeof(bytes));
        if (count <= 0) break;
        head.append(bytes, static_cast<std::size_t>(count));
      }
      const std::string answer = upgrade_answer(head) + frame(1, "secret hello");
      SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
      SSL_read(tls, bytes, sizeof(bytes));  // the client's goodbye
    }
    SSL_free(tls);
    SSL_CTX_free(context);
  }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
  std::filesystem::path path_;
};

TEST(WebSocketClientTls, TrustsAKnownCertificateOfThatHost) {
  const TestCertificate certificate("DNS:localhost,IP:127.0.0.1");
  ScriptedServer server([&](RawPeer& peer) { certificate.serve(peer); });
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    WebSocketRequest request;
    request.url = "wss://" + host + ":" + std::to_string(server.port()) + "/";
    request.ca_file = certificate.path();
    auto client = WebSocketClient::connect(request, {});
    ASSERT_TRUE(client.ok()) << client.error().message;
    const auto message = client->read(seconds{3}, {});
    ASSERT_TRUE(message.ok()) << message.error().message;
    EXPECT_EQ(message->value().data, "secret hello");
    client->close();
  }
}

TEST(WebSocketClientTls, RefusesTheWrongHostAndTheUnknown) {
  const TestCertificate other_host("DNS:other.example");
  ScriptedServer server([&](RawPeer& peer) { other_host.serve(peer); });
  WebSocketRequest request;
  request.url = "wss://localhost:" + std::to_string(server.port()) + "/";
  request.ca_file = other_host.path();
  EXPECT_EQ(WebSocketClient::connect(request, {}).error().kind, ErrorKind::unavailable)
      << "not for this host";
  const TestCertificate unknown("DNS:localhost");
  ScriptedServer stranger([&](RawPeer& peer) { unknown.serve(peer); });
  request.url = "wss://localhost:" + std::to_string(stranger.port()) + "/";
  request.ca_file.clear();
  EXPECT_EQ(WebSocketClient::connect(request, {}).error().kind, ErrorKind::unavailable)
      << "signed by nobody we know";
}

}  // namespace
}  // namespace linnet::net
