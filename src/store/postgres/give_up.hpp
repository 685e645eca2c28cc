#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>

namespace linnet::store {

// The connection counts as broken when the other side acknowledges nothing for so long: a machine that went
// away without a word is noticed by TCP only after many minutes. What is no TCP socket stays as it is.
inline void give_up_after(int socket, std::chrono::milliseconds silence) {
  const auto most = static_cast<unsigned>(silence.count());
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &most, sizeof most);
}

}  // namespace linnet::store
