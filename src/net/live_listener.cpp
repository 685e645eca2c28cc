#include "net/live_listener.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"

namespace linnet::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

using boost::system::error_code;

constexpr std::chrono::seconds kHandshakeTimeout{5};
constexpr std::chrono::seconds kFarewell{1};
constexpr std::size_t kLongestReason = 120;  // of the 123 bytes that a close frame has for it

}  // namespace

LiveListener::LiveListener(IoSocket socket, asio::io_context& io, std::shared_ptr<LiveHub::State> hub,
                           LiveHubOptions::Guest guest, ConnectionSlot slot)
    : ws_(std::move(socket)),
      hub_(std::move(hub)),
      shard_(hub_->shard_of(io)),
      filter_(std::move(guest.filter)),
      pass_(hub_, std::move(guest.pass)),
      slot_(std::move(slot)),
      counted_(hub_->listeners),
      patience_(io) {}

LiveListener::~LiveListener() {
  shard_->remove(*this);
}

void LiveListener::accept(Upgrade request, const Headers& static_headers) {
  upgrade_ = std::move(request);
  websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = kHandshakeTimeout;
  // Beast pings after half of it.
  timeouts.idle_timeout = std::chrono::ceil<std::chrono::milliseconds>(hub_->options.ping_every) * 2;
  timeouts.keep_alive_pings = true;
  ws_.set_option(timeouts);
  ws_.set_option(websocket::stream_base::decorator([&static_headers](websocket::response_type& response) {
    for (const auto& [name, value] : static_headers) response.set(name, value);
  }));
  ws_.read_message_max(hub_->options.max_text_bytes);
  ws_.auto_fragment(false);
  ws_.text(true);
  shard_->add(*this);
  ws_.async_accept(upgrade_, [self = shared_from_this()](const error_code& error) {
    self->upgrade_ = {};
    if (error) return self->end();
    self->is_open_ = true;
    if (self->is_closing_) {
      self->is_closing_ = false;
      const auto early = self->early_close_;
      return self->close(static_cast<websocket::close_code>(early.code),
                         {early.reason.data(), early.reason.size()});
    }
    self->read_next();
    self->flush();
  });
}

bool LiveListener::wants(std::string_view topic, std::string_view message) const {
  return !filter_ || filter_(topic, message);
}

void LiveListener::enqueue(SharedText message) {
  if (is_closing_) return;
  if (queue_.size() >= hub_->options.max_queued) {
    queue_.pop_front();
    lose(1);
  }
  queue_.push_back(std::move(message));
  if (is_open_ && !is_writing_ && !waits_for_flush_) {
    waits_for_flush_ = true;
    shard_->want_flush(*this);
  }
}

void LiveListener::lose(std::uint64_t count) {
  dropped_ += count;
  hub_->dropped += count;
}

// Writes the next message; those after it follow when it is out.
void LiveListener::flush() {
  waits_for_flush_ = false;
  if (!is_open_ || is_writing_ || is_closing_) return;
  if (dropped_ > 0) {
    // What was lost was older than anything that still waits.
    current_ =
        std::make_shared<const std::string>(fmt::format(R"({{"type":"dropped","count":{}}})", dropped_));
    dropped_ = 0;
  } else if (!queue_.empty()) {
    current_ = std::move(queue_.front());
    queue_.pop_front();
  } else {
    return;
  }
  is_writing_ = true;
  ws_.async_write(asio::buffer(*current_), [self = shared_from_this()](const error_code& error, std::size_t) {
    self->is_writing_ = false;
    self->current_.reset();
    if (error) return self->end();
    self->flush();
  });
}

void LiveListener::read_next() {
  ws_.async_read(incoming_, [self = shared_from_this()](const error_code& error, std::size_t) {
    if (error) return self->end();
    if (self->ws_.got_text()) {
      const auto bytes = self->incoming_.data();
      self->take_text({static_cast<const char*>(bytes.data()), bytes.size()});
    }
    self->incoming_.consume(self->incoming_.size());
    self->read_next();
  });
}

void LiveListener::take_text(std::string_view text) {
  if (!hub_->options.on_text || is_closing_) return;
  try {
    auto answer = hub_->options.on_text(text);
    if (!answer) return close(websocket::close_code::policy_error, answer.error().safe);
    if (answer->filter) filter_ = std::move(*answer->filter);
    if (!answer->reply.empty()) enqueue(std::make_shared<const std::string>(std::move(answer->reply)));
  } catch (const std::exception& error) {
    log::error("the handler of a WebSocket text failed: {}", error.what());
    close(websocket::close_code::internal_error, "internal error");
  }
}

void LiveListener::close(websocket::close_code code, std::string_view reason) {
  if (std::exchange(is_closing_, true)) return;
  const std::string text = to_valid_utf8(truncate_utf8(reason, kLongestReason));
  if (!is_open_) {
    early_close_ = {code, text};
    return;
  }
  queue_.clear();
  ws_.async_close({code, text}, [self = shared_from_this()](const error_code&) { self->end(); });
  end_soon();
}

// Our farewell waits for what is being written, and that for a listener that may have stopped reading.
void LiveListener::end_soon() {
  patience_.expires_after(kFarewell);
  patience_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->end();
  });
}

// The socket is closed, so that whatever is under way on it ends too and lets go of us.
void LiveListener::end() {
  is_open_ = false;
  is_closing_ = true;
  patience_.cancel();
  error_code ignored;
  beast::get_lowest_layer(ws_).close(ignored);
}

}  // namespace linnet::net
