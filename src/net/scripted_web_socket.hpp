// For tests: the server's end of a WebSocket over a RawPeer, frame by frame.
#pragma once

#include <openssl/evp.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "net/scripted_server.hpp"

namespace linnet::net {

inline std::string accept_key(std::string_view head) {
  const auto at = head.find("Sec-WebSocket-Key: ") + 19;
  const std::string text =
      std::string(head.substr(at, head.find("\r\n", at) - at)) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  unsigned char encoded[64];
  EVP_EncodeBlock(encoded, digest, static_cast<int>(size));
  return reinterpret_cast<const char*>(encoded);
}

inline std::string upgrade_answer(std::string_view head) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: " +
         accept_key(head) + "\r\nX-Server: test\r\n\r\n";
}

// An unmasked frame, as servers send them.
inline std::string frame(int opcode, std::string_view payload, bool is_last = true) {
  std::string bytes(1, static_cast<char>((is_last ? 0x80 : 0) | opcode));
  if (payload.size() < 126) {
    bytes += static_cast<char>(payload.size());
  } else if (payload.size() < 65'536) {
    bytes += static_cast<char>(126);
    bytes += static_cast<char>(payload.size() >> 8U);
    bytes += static_cast<char>(payload.size() & 255U);
  } else {
    bytes += static_cast<char>(127);
    for (unsigned bits = 64; bits > 0; bits -= 8)
      bytes += static_cast<char>((payload.size() >> (bits - 8)) & 255U);
  }
  return bytes + std::string(payload);
}

// A masked frame of the client: opcode and payload.
inline std::pair<int, std::string> read_frame(RawPeer& peer) {
  const auto head = peer.read_exactly(2);
  if (head.size() < 2) return {-1, ""};
  std::size_t length = static_cast<unsigned char>(head[1]) & 127U;
  if (length == 126) {
    const auto more = peer.read_exactly(2);
    length = static_cast<std::size_t>(static_cast<unsigned char>(more[0]) << 8U |
                                      static_cast<unsigned char>(more[1]));
  }
  const auto mask = peer.read_exactly(4);
  auto payload = peer.read_exactly(length);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return {head[0] & 15, payload};
}

// A server that accepts the handshake and then does what it is told.
inline std::function<void(RawPeer&)> accepting(std::function<void(RawPeer&)> then) {
  return [then = std::move(then)](RawPeer& peer) {
    const auto head = peer.read_until("\r\n\r\n");
    if (head.empty() || !peer.send(upgrade_answer(head))) return;
    then(peer);
  };
}

}  // namespace linnet::net
