// A TCP connection, with TLS over it or without. It is one type for both, and what waits on it is handed to
// it as std::function, so that Beast's operations above it and below it are compiled once each.
#pragma once

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace linnet::net {

// Not thread-safe; one read and one write at a time, as Beast and Asio have it.
class ClientStream {
 public:
  using next_layer_type = boost::beast::tcp_stream;
  using executor_type = next_layer_type::executor_type;
  using OnMoved = std::function<void(boost::system::error_code, std::size_t)>;
  using OnEnded = std::function<void(boost::system::error_code)>;

  // With TLS where there is a context, which must outlive the stream.
  ClientStream(const executor_type& executor, boost::asio::ssl::context* context);
  ~ClientStream();
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  executor_type get_executor() { return tcp().get_executor(); }
  next_layer_type& next_layer() { return tcp(); }
  [[nodiscard]] const next_layer_type& next_layer() const { return const_cast<ClientStream*>(this)->tcp(); }

  // Does nothing without TLS. The certificate must be that of `host`.
  template <typename Token>
  auto async_secure(const std::string& host, Token&& token) {
    return initiate<void(boost::system::error_code)>(
        token, [this, host](OnEnded on_ended) { start_securing(host, std::move(on_ended)); });
  }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return initiate<void(boost::system::error_code, std::size_t)>(
        token, [this, into = first_of<boost::asio::mutable_buffer>(buffers)](OnMoved on_read) {
          start_reading(into, std::move(on_read));
        });
  }

  // Takes what it has room for.
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    outgoing_.resize(std::min(boost::asio::buffer_size(buffers), kMostAtOnce));
    boost::asio::buffer_copy(boost::asio::buffer(outgoing_), buffers);
    return initiate<void(boost::system::error_code, std::size_t)>(
        token, [this](OnMoved on_written) { start_writing(std::move(on_written)); });
  }

  // Beast's name for it.
  template <typename Token>
  friend void async_teardown(boost::beast::role_type role, ClientStream& stream, Token&& token) {
    initiate<void(boost::system::error_code)>(
        token, [&stream, role](OnEnded on_ended) { stream.start_ending(role, std::move(on_ended)); });
  }

 private:
  static constexpr std::size_t kMostAtOnce = 16U << 10U;  // a record of TLS

  template <typename Signature, typename Token, typename Start>
  static auto initiate(Token& token, Start start) {
    return boost::asio::async_initiate<Token, Signature>(
        [](auto handler, Start begin) {
          // std::function wants what can be copied.
          const auto kept = std::make_shared<decltype(handler)>(std::move(handler));
          begin([kept](auto... results) { (*kept)(results...); });
        },
        token, std::move(start));
  }

  template <typename Buffer, typename Buffers>
  static Buffer first_of(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto one = boost::asio::buffer_sequence_begin(buffers); one != end; ++one) {
      if (Buffer buffer(*one); buffer.size() > 0) return buffer;
    }
    return {};
  }

  boost::beast::tcp_stream& tcp();
  void start_securing(const std::string& host, OnEnded on_ended);
  void start_reading(boost::asio::mutable_buffer into, OnMoved on_read);
  void start_writing(OnMoved on_written);
  void start_ending(boost::beast::role_type role, OnEnded on_ended);

  std::unique_ptr<boost::beast::tcp_stream> plain_;
  std::unique_ptr<boost::asio::ssl::stream<boost::beast::tcp_stream>> tls_;
  std::string outgoing_;
};

}  // namespace linnet::net
