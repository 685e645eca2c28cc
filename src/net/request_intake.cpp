#include "net/request_intake.hpp"

#include <fmt/format.h>

namespace linnet::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t kReadSize = 4096;
constexpr std::size_t kBodyReadSize = 64U << 10;

}  // namespace

void RequestIntake::begin() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(max_header_bytes_));
  parser_->body_limit(boost::none);  // limit_body() says it in time
  parser_->eager(false);
  head_.reset();
  is_head_done_ = false;
  keep_alive_ = false;
  has_body_ = false;
  // A connection that waits for its next request keeps no room for a large one.
  if (buffer_.size() == 0 && buffer_.capacity() > max_header_bytes_) buffer_.shrink_to_fit();
}

boost::asio::mutable_buffer RequestIntake::prepare() {
  return buffer_.prepare(is_head_done_ ? kBodyReadSize : kReadSize);
}

RequestIntake::Step RequestIntake::fail(int status, std::string detail) {
  failure_ = {status, std::move(detail)};
  return Step::failed;
}

void RequestIntake::end_head() {
  is_head_done_ = true;
  keep_alive_ = parser_->keep_alive();
  has_body_ = !parser_->is_done();
  // Beast puts the fields of a trailer beside those of the head, where they would count as the sender's word
  // on things that a proxy has checked.
  if (parser_->chunked()) head_ = parser_->get().base();
  parser_->eager(true);
}

RequestIntake::Step RequestIntake::advance() {
  if (is_head_done_ && parser_->is_done()) return Step::complete;
  while (buffer_.size() > 0) {
    error_code error;
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error == http::error::body_limit) return fail(413, body_too_large());
    if (error && error != http::error::need_more)
      return fail(status_for(error), "the request is not valid HTTP, or too large: " + error.message());
    if (parser_->is_header_done() && !is_head_done_) {
      end_head();
      return Step::head_done;
    }
    if (parser_->is_done()) return Step::complete;
    if (used == 0 || error) break;
  }
  // The parser waits for the end of a chunk's line or of the trailer, which nothing else bounds.
  if (is_head_done_ && buffer_.size() > max_header_bytes_)
    return fail(431, "what stands between or behind the chunks of the body is too large");
  return Step::need_more;
}

std::optional<std::uint64_t> RequestIntake::body_length() const {
  const auto length = parser_->content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

bool RequestIntake::limit_body(std::size_t most) {
  max_body_bytes_ = most;
  if (const auto length = body_length(); length && *length > most) return false;
  parser_->body_limit(most);
  return true;
}

std::string RequestIntake::body_too_large() const {
  const auto length = body_length();
  return fmt::format("body: expected at most {} bytes, got {}; send less, or something smaller",
                     max_body_bytes_, length ? std::to_string(*length) : "more");
}

}  // namespace linnet::net
