// For tests: a TCP server on the loopback that does exactly what a test tells it, so that it can misbehave,
// and a raw client.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "net/network_guard.hpp"

namespace linnet::net {

// One end of a TCP connection. Reads give up after five seconds, so that a broken test ends.
class RawPeer {
 public:
  explicit RawPeer(int socket) : socket_(socket) {}
  RawPeer(RawPeer&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), unread_(std::move(other.unread_)) {}
  RawPeer& operator=(RawPeer&&) = delete;
  ~RawPeer() { close(); }

  static RawPeer connect(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(socket);
      return RawPeer(-1);
    }
    return RawPeer(socket);
  }

  [[nodiscard]] bool is_connected() const { return socket_ >= 0; }
  [[nodiscard]] int socket() const { return socket_; }

  // False when the other side is gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Everything up to and with `mark`; what there is when the connection ends before.
  std::string read_until(std::string_view mark) {
    while (unread_.find(mark) == std::string::npos && receive()) continue;
    const auto at = unread_.find(mark);
    return take(at == std::string::npos ? unread_.size() : at + mark.size());
  }
  std::string read_exactly(std::size_t count) {
    while (unread_.size() < count && receive()) continue;
    return take(std::min(count, unread_.size()));
  }
  // What has come, or comes next; empty when the connection has ended.
  std::string read_some() {
    if (unread_.empty()) receive();
    return take(unread_.size());
  }
  // Until the other side closes.
  std::string read_all() {
    while (receive()) continue;
    return take(unread_.size());
  }
  // One HTTP answer with a Content-Length: head and body.
  std::string read_answer(bool has_body = true) {
    std::string answer = read_until("\r\n\r\n");
    const auto length = answer.find("Content-Length: ");
    if (has_body && length != std::string::npos)
      answer += read_exactly(std::stoul(answer.substr(length + 16)));
    return answer;
  }
  // True when the other side closes (or resets) within the time.
  bool is_closed_within(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      if (!receive(std::chrono::milliseconds{50}) && has_ended_) return true;
    }
    return false;
  }
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  std::string take(std::size_t count) {
    std::string bytes = unread_.substr(0, count);
    unread_.erase(0, count);
    return bytes;
  }
  bool receive(std::chrono::milliseconds time = std::chrono::milliseconds{5000}) {
    if (socket_ < 0 || has_ended_) return false;
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(time.count())) <= 0) return false;
    char bytes[16384];
    const auto count = ::recv(socket_, bytes, sizeof(bytes), 0);
    has_ended_ = count <= 0;
    if (!has_ended_) unread_.append(bytes, static_cast<std::size_t>(count));
    return !has_ended_;
  }

  int socket_;
  std::string unread_;
  bool has_ended_ = false;
};

// Runs `script` in a thread of its own for each connection.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::function<void(RawPeer&)> script) : script_(std::move(script)) {
    allow_networks(parse_networks("127.0.0.0/8 ::1").value());
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~ScriptedServer() {
    is_stopping_ = true;
    accepting_.join();
    for (auto& thread : serving_) thread.join();
    ::close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view path = "/", std::string_view scheme = "http") const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void accept_all() {
    while (!is_stopping_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) continue;
      ++connections_;
      serving_.emplace_back([this, socket] {
        RawPeer peer(socket);
        script_(peer);
      });
    }
  }

  std::function<void(RawPeer&)> script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> is_stopping_{false};
  std::thread accepting_;
  std::vector<std::thread> serving_;
};

// "HTTP/1.1 200 OK" with these lines and this body.
inline std::string http_answer(std::string_view status, std::string_view extra_headers,
                               std::string_view body) {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(extra_headers) + "\r\n" + std::string(body);
}

}  // namespace linnet::net
