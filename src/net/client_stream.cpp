#include "net/client_stream.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace linnet::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

bool is_ip_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

ClientStream::ClientStream(const executor_type& executor, asio::ssl::context* context) {
  if (context == nullptr) {
    plain_ = std::make_unique<beast::tcp_stream>(executor);
  } else {
    tls_ = std::make_unique<asio::ssl::stream<beast::tcp_stream>>(executor, *context);
  }
}

ClientStream::~ClientStream() = default;

beast::tcp_stream& ClientStream::tcp() {
  return tls_ ? tls_->next_layer() : *plain_;
}

void ClientStream::start_securing(const std::string& host, OnEnded on_ended) {
  if (!tls_) {
    asio::post(get_executor(), [on_ended = std::move(on_ended)] { on_ended({}); });
    return;
  }
  // An address has no name to indicate.
  if (!is_ip_address(host)) SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
  tls_->set_verify_callback(asio::ssl::host_name_verification(host));
  tls_->async_handshake(asio::ssl::stream_base::client, std::move(on_ended));
}

void ClientStream::start_reading(asio::mutable_buffer into, OnMoved on_read) {
  if (tls_) {
    tls_->async_read_some(into, std::move(on_read));
  } else {
    plain_->async_read_some(into, std::move(on_read));
  }
}

void ClientStream::start_writing(OnMoved on_written) {
  const asio::const_buffer from(outgoing_.data(), outgoing_.size());
  if (tls_) {
    tls_->async_write_some(from, std::move(on_written));
  } else {
    plain_->async_write_some(from, std::move(on_written));
  }
}

void ClientStream::start_ending(beast::role_type role, OnEnded on_ended) {
  if (tls_) {
    tls_->async_shutdown(std::move(on_ended));
  } else {
    beast::websocket::async_teardown(role, plain_->socket(), std::move(on_ended));
  }
}

}  // namespace linnet::net
