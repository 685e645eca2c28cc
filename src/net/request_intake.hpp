// What has come in of one request: its head, its body, and no more than either may have. Knows no sockets.
// Private to this library.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "net/request_fields.hpp"

namespace linnet::net {

// Beast's string_body sets memory aside for all that a stranger announces; this takes it as it comes.
struct InboundBody {
  using value_type = std::string;
  class reader {
   public:
    template <bool is_request, class AllFields>
    reader(boost::beast::http::header<is_request, AllFields>& /*head*/, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& /*length*/, boost::system::error_code& error) {
      error = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      std::size_t count = 0;
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
        count += buffer.size();
      }
      return count;
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

class RequestIntake {
 public:
  enum class Step { need_more, head_done, complete, failed };
  struct Failure {
    int status = 400;
    std::string detail;
  };

  explicit RequestIntake(std::size_t max_header_bytes) : max_header_bytes_(max_header_bytes) {}

  // The next request begins; what came behind the last one is its beginning.
  void begin();
  [[nodiscard]] bool is_empty() const { return buffer_.size() == 0; }

  // Room for what is read next, and how much of it was used.
  boost::asio::mutable_buffer prepare();
  void commit(std::size_t count) { buffer_.commit(count); }

  // As far as what is there goes. It stops once at the end of the head, so that this can be judged first.
  Step advance();
  // Of what failed.
  [[nodiscard]] const Failure& failure() const { return failure_; }

  [[nodiscard]] bool is_head_done() const { return is_head_done_; }
  [[nodiscard]] bool is_complete() const { return is_head_done_ && parser_->is_done(); }
  // As it came before the body: fields of a trailer are never among them.
  [[nodiscard]] const Fields& head() const { return head_ ? *head_ : parser_->get().base(); }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool has_body() const { return has_body_; }
  [[nodiscard]] std::optional<std::uint64_t> body_length() const;
  // How large the body may be, to be said before any of it is read; false: it says that it is larger.
  bool limit_body(std::size_t most);
  // What to say of one that is larger.
  [[nodiscard]] std::string body_too_large() const;
  [[nodiscard]] std::string& body() { return parser_->get().body(); }

 private:
  Step fail(int status, std::string detail);
  void end_head();

  const std::size_t max_header_bytes_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<InboundBody>> parser_;
  std::optional<Fields> head_;  // a copy, where a trailer may come
  std::size_t max_body_bytes_ = 0;
  bool is_head_done_ = false;
  bool keep_alive_ = false;
  bool has_body_ = false;
  Failure failure_;
};

}  // namespace linnet::net
