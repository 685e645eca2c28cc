// For tests: a PretendServer behind a real port, with a live stream by WebSocket and server-sent events, and
// with the bad manners of real networks.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstring>
#include <thread>

#include "base/json_text.hpp"
#include "connect/event_line.hpp"
#include "connect/mastodon/pretend_server.hpp"
#include "net/network_guard.hpp"

namespace linnet::connect::mastodon {

class SocketServer {
 public:
  PretendServer rest;
  std::atomic<bool> has_web_socket = true;
  std::atomic<bool> has_server_events = true;
  std::atomic<int> refuse_streams_with = 0;  // a status
  std::atomic<bool> hangs = false;           // takes bytes, answers nothing, not even pings
  std::atomic<int> connections = 0;          // of streams, accepted or not

  SocketServer() {
    net::allow_networks(net::parse_networks("127.0.0.0/8").value());
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
  }
  ~SocketServer() {
    acceptor_.request_stop();
    acceptor_.join();
    ::close(listener_);
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& client : clients_) ::shutdown(client.socket, SHUT_RDWR);
    }
    threads_.clear();
  }
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  [[nodiscard]] std::size_t listeners() const {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(clients_.begin(), clients_.end(), [](auto& c) { return c.is_stream; }));
  }
  [[nodiscard]] std::string last_stream_request() const {
    const std::scoped_lock lock(mutex_);
    return last_stream_request_;
  }

  void publish(const std::string& id) {
    rest.publish(id);
    send_event("update", status_json(id));
  }
  void send_event(std::string_view type, std::string_view payload) {
    const auto frame =
        fmt::format(R"({{"stream":["public"],"event":"{}","payload":{}}})", type, json_quote(payload));
    const auto event = fmt::format(":thump\n\nevent: {}\ndata: {}\n\n", type, payload);
    const std::scoped_lock lock(mutex_);
    for (const auto& client : clients_) {
      if (client.is_stream) send_all(client.socket, client.is_web_socket ? text_frame(frame) : event);
    }
  }
  // Bytes of a stream as they are; for frames that never end.
  void send_raw(std::string_view bytes) {
    const std::scoped_lock lock(mutex_);
    for (const auto& client : clients_) {
      if (client.is_stream) send_all(client.socket, bytes);
    }
  }
  void drop_streams() {
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& client : clients_) {
        if (client.is_stream) ::shutdown(client.socket, SHUT_RDWR);
      }
    }
    while (listeners() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  static std::string text_frame(std::string_view text) {
    std::string frame = "\x81";
    if (text.size() < 126) {
      frame += static_cast<char>(text.size());
    } else {
      frame += static_cast<char>(126);
      frame += static_cast<char>(text.size() >> 8U);
      frame += static_cast<char>(text.size() & 0xFFU);
    }
    return frame + std::string(text);
  }

 private:
  struct Client {
    int socket;
    bool is_stream = false;
    bool is_web_socket = false;
  };
  struct Head {
    std::string method;
    std::string target;
    net::Headers headers;
    std::string body;
  };

  static void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void accept_all(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      const std::scoped_lock lock(mutex_);
      clients_.push_back({socket});
      threads_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    Head head;
    while (read_head(socket, head)) {
      if (head.target.starts_with("/api/v1/streaming")) {
        serve_stream(socket, head);
        break;
      }
      serve_rest(socket, head);
    }
    const std::scoped_lock lock(mutex_);
    std::erase_if(clients_, [&](const Client& client) { return client.socket == socket; });
    ::close(socket);
  }

  static bool read_head(int socket, Head& head) {
    std::string text;
    char c = 0;
    while (!text.ends_with("\r\n\r\n")) {
      if (::recv(socket, &c, 1, 0) != 1) return false;
      text += c;
    }
    head = {};
    head.method = text.substr(0, text.find(' '));
    const auto start = head.method.size() + 1;
    head.target = text.substr(start, text.find(' ', start) - start);
    for (auto at = text.find("\r\n") + 2; at + 2 < text.size();) {
      const auto end = text.find("\r\n", at);
      const auto colon = text.find(": ", at);
      if (colon < end) head.headers.add(text.substr(at, colon - at), text.substr(colon + 2, end - colon - 2));
      at = end + 2;
    }
    std::size_t length = 0;
    const auto declared = head.headers.find("Content-Length").value_or("0");
    std::from_chars(declared.data(), declared.data() + declared.size(), length);
    while (head.body.size() < length) {
      if (::recv(socket, &c, 1, 0) != 1) return false;
      head.body += c;
    }
    return true;
  }

  void serve_rest(int socket, const Head& head) {
    net::HttpRequest request;
    request.method = head.method;
    request.url = url() + head.target;
    request.headers = head.headers;
    request.body = head.body;
    const auto response = rest.send(request, {});
    if (!response) {
      ::shutdown(socket, SHUT_RDWR);
      return;
    }
    auto text =
        fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", response->status, response->body.size());
    for (const auto& [name, value] : response->headers) text += name + ": " + value + "\r\n";
    send_all(socket, text + "\r\n" + response->body);
  }

  void serve_stream(int socket, const Head& head) {
    ++connections;
    const bool wants_web_socket = head.headers.find("Upgrade").has_value();
    const bool has_it = wants_web_socket ? has_web_socket.load() : has_server_events.load();
    const int status = refuse_streams_with != 0 ? refuse_streams_with.load() : has_it ? 200 : 404;
    {
      const std::scoped_lock lock(mutex_);
      last_stream_request_ =
          head.target + " " + std::string(head.headers.find("Authorization").value_or("guest"));
    }
    if (status != 200) {
      send_all(socket, fmt::format("HTTP/1.1 {} X\r\nContent-Length: 0\r\n\r\n", status));
      return;
    }
    send_all(socket, wants_web_socket
                         ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           "Sec-WebSocket-Accept: " +
                               accept_key(std::string(head.headers.find("Sec-WebSocket-Key").value_or(""))) +
                               "\r\n\r\n"
                         : std::string("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n:)\n\n"));
    {
      const std::scoped_lock lock(mutex_);
      for (auto& client : clients_) {
        if (client.socket == socket) client = {socket, true, wants_web_socket};
      }
    }
    char buffer[256];
    while (true) {
      const auto got = ::recv(socket, buffer, sizeof(buffer), 0);
      if (got <= 0) return;
      if (hangs || !wants_web_socket) continue;
      const auto opcode = static_cast<unsigned char>(buffer[0]) & 0xFU;
      if (opcode == 8) return;                                        // close
      if (opcode == 9) send_all(socket, std::string("\x8A\x00", 2));  // ping: an empty pong will do
    }
  }

  static std::string accept_key(const std::string& key) {
    const auto text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[20];
    EVP_Digest(text.data(), text.size(), digest, nullptr, EVP_sha1(), nullptr);
    unsigned char encoded[32];
    EVP_EncodeBlock(encoded, digest, sizeof(digest));
    return reinterpret_cast<const char*>(encoded);
  }

  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Client> clients_;
  std::string last_stream_request_;
  std::vector<std::jthread> threads_;
  std::jthread acceptor_;
};

}  // namespace linnet::connect::mastodon
