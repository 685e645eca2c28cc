#include "net/live_hub.hpp"

#include <algorithm>

#include "net/live_listener.hpp"

namespace linnet::net {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

constexpr std::size_t kMostInInbox = 65'536;
// So much is done in one go before HTTP requests on the same thread get their turn.
constexpr std::size_t kMostHandedOut = 8192;
constexpr std::size_t kMostFlushed = 64;

}  // namespace

LiveHub::LiveHub(LiveHubOptions options) : state_(std::make_shared<State>(std::move(options))) {}
LiveHub::~LiveHub() = default;

void LiveHub::broadcast(std::string_view topic, std::shared_ptr<const std::string> message) {
  if (!message || state_->listeners == 0) return;
  state_->shards.with([&](const auto& shards) {
    for (const auto& shard : shards) shard->broadcast(topic, message);
  });
}

std::vector<std::string> LiveHub::passes() const {
  return state_->passes.with([](const auto& counts) {
    std::vector<std::string> all;
    all.reserve(counts.size());
    for (const auto& [pass, count] : counts) all.push_back(pass);
    return all;
  });
}

void LiveHub::end(const std::string& pass, std::string_view reason) {
  state_->shards.with([&](const auto& shards) {
    for (const auto& shard : shards) shard->end(pass, std::string(reason));
  });
}

std::size_t LiveHub::listeners() const {
  return state_->listeners;
}

std::uint64_t LiveHub::dropped() const {
  return state_->dropped;
}

std::shared_ptr<LiveShard> LiveHub::State::shard_of(asio::io_context& io) {
  return shards.with([&](auto& all) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& shard) { return &shard->io() == &io; });
    if (found != all.end()) return *found;
    return all.emplace_back(std::make_shared<LiveShard>(io));
  });
}

void LiveHub::State::detach(asio::io_context& io) {
  shards.with([&](auto& all) { std::erase_if(all, [&](const auto& shard) { return &shard->io() == &io; }); });
}

void LiveShard::broadcast(std::string_view topic, const SharedText& message) {
  const bool must_schedule = inbox_.with([&](Inbox& inbox) {
    if (inbox.items.size() >= kMostInInbox) {
      inbox.items.pop_front();
      ++inbox.lost;
    }
    inbox.items.push_back({std::string(topic), message});
    return !std::exchange(inbox.is_scheduled, true);
  });
  if (must_schedule) asio::post(io_, [self = shared_from_this()] { self->deliver(); });
}

// Puts what is in the inbox into the queues of those who want it.
void LiveShard::deliver() {
  const std::size_t most =
      std::max<std::size_t>(1, kMostHandedOut / std::max<std::size_t>(1, listeners_.size()));
  std::vector<Item> batch;
  std::uint64_t lost = 0;
  const bool has_more = inbox_.with([&](Inbox& inbox) {
    const auto count = std::min(most, inbox.items.size());
    const auto end = inbox.items.begin() + static_cast<std::ptrdiff_t>(count);
    batch.assign(std::move_iterator(inbox.items.begin()), std::move_iterator(end));
    inbox.items.erase(inbox.items.begin(), end);
    lost = std::exchange(inbox.lost, 0);
    inbox.is_scheduled = !inbox.items.empty();
    return inbox.is_scheduled;
  });
  for (LiveListener* listener : listeners_) {
    if (lost > 0) listener->lose(lost);
    for (const auto& item : batch) {
      if (listener->wants(item.topic, *item.message)) listener->enqueue(item.message);
    }
  }
  if (has_more) asio::post(io_, [self = shared_from_this()] { self->deliver(); });
}

void LiveShard::remove(LiveListener& listener) {
  listeners_.erase(&listener);
}

void LiveShard::want_flush(LiveListener& listener) {
  to_flush_.push_back(listener.weak_from_this());
  if (!std::exchange(is_flushing_, true))
    asio::post(io_, [self = shared_from_this()] { self->flush_some(); });
}

void LiveShard::flush_some() {
  for (std::size_t i = 0; i < kMostFlushed && !to_flush_.empty(); ++i) {
    const auto listener = to_flush_.front().lock();
    to_flush_.pop_front();
    if (listener) listener->flush();
  }
  is_flushing_ = !to_flush_.empty();
  if (is_flushing_) asio::post(io_, [self = shared_from_this()] { self->flush_some(); });
}

void LiveShard::close_all() {
  for (const auto& listener : all()) listener->close(websocket::close_code::going_away, "the server stops");
}

void LiveShard::end(const std::string& pass, std::string reason) {
  asio::post(io_, [self = shared_from_this(), pass, reason = std::move(reason)] {
    for (const auto& listener : self->all()) {
      if (listener->pass() == pass) listener->close(websocket::close_code::policy_error, reason);
    }
  });
}

// A copy: closing may end a listener at once.
std::vector<std::shared_ptr<LiveListener>> LiveShard::all() const {
  std::vector<std::shared_ptr<LiveListener>> all;
  for (LiveListener* listener : listeners_) all.push_back(listener->shared_from_this());
  return all;
}

PassSlot::PassSlot(std::shared_ptr<LiveHub::State> hub, std::string pass)
    : hub_(std::move(hub)), pass_(std::move(pass)) {
  if (!pass_.empty()) hub_->passes.with([&](auto& counts) { ++counts[pass_]; });
}

PassSlot::~PassSlot() {
  if (pass_.empty()) return;
  hub_->passes.with([&](auto& counts) {
    if (--counts[pass_] == 0) counts.erase(pass_);
  });
}

}  // namespace linnet::net
