// For tests: a Jetstream behind a real port. It keeps what it was given, replays from a cursor, heeds the
// filters and the greatest size, waits for the first options_update when asked to, compresses with a
// dictionary, and has the bad manners of real networks.
#pragma once

#include <fmt/format.h>
#include <zdict.h>
#include <zstd.h>

#include <atomic>
#include <boost/json.hpp>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/instant.hpp"
#include "net/scripted_web_socket.hpp"
#include "net/url.hpp"

namespace linnet::connect::bluesky {

struct FakePost {
  std::string did = "did:plc:ada";
  std::string key = "3l3qo2vutsw2b";
  std::int64_t time_us = 1'785'585'600'000'000;  // 2026-08-01T12:00:00Z
  std::string text = "hello";
  std::string tag;  // as a facet on the text's end
  std::string operation = "create";
};

inline std::string post_message(const FakePost& post) {
  namespace json = boost::json;
  auto text = post.text;
  json::object record{{"$type", "app.bsky.feed.post"},
                      {"createdAt", to_iso8601(from_micros(post.time_us - 1'000'000))},
                      {"langs", json::array{"en"}}};
  if (!post.tag.empty()) {
    const auto begin = text.size() + 1;
    text += " #" + post.tag;
    record["facets"] = json::array{json::object{
        {"index", json::object{{"byteStart", begin}, {"byteEnd", text.size()}}},
        {"features",
         json::array{json::object{{"$type", "app.bsky.richtext.facet#tag"}, {"tag", post.tag}}}}}};
  }
  record["text"] = text;
  json::object commit{{"rev", post.key},
                      {"operation", post.operation},
                      {"collection", "app.bsky.feed.post"},
                      {"rkey", post.key}};
  if (post.operation != "delete") {
    commit["record"] = record;
    commit["cid"] = "bafyreidwaivazkwu67xztlmuobx35hs2lnfh3kolmgfmucldvhd3sgzcqi";
  }
  return json::serialize(
      json::object{{"did", post.did}, {"time_us", post.time_us}, {"kind", "commit"}, {"commit", commit}});
}

inline std::string identity_message(const std::string& did, const std::string& handle, std::int64_t time_us) {
  return fmt::format(
      R"({{"did":"{0}","time_us":{2},"kind":"identity","identity":{{"did":"{0}","handle":"{1}","seq":1,)"
      R"("time":"2026-08-01T12:00:00.000Z"}}}})",
      did, handle, time_us);
}

inline std::string account_message(const std::string& did, const std::string& status, std::int64_t time_us) {
  return fmt::format(
      R"({{"did":"{0}","time_us":{2},"kind":"account","account":{{"active":{3},"did":"{0}","seq":1,)"
      R"("status":"{1}","time":"2026-08-01T12:00:00.000Z"}}}})",
      did, status, time_us, status.empty() ? "true" : "false");
}

inline std::string uri_of(const FakePost& post) {
  return fmt::format("at://{}/app.bsky.feed.post/{}", post.did, post.key);
}

// A zstd dictionary made of messages like those that it is for.
inline std::string train_dictionary(unsigned seed = 1) {
  std::string samples;
  std::vector<std::size_t> sizes;
  for (unsigned i = 0; i < 2'000; ++i) {
    FakePost post;
    post.did = fmt::format("did:plc:{:x}", i * 2'654'435'761U * seed);
    post.key = fmt::format("3l{:x}", i * 40'503U + seed);
    post.text = fmt::format("number {} of {} posts that say {}", i, seed, i * 7'919U % 997U);
    const auto text = post_message(post);
    samples += text;
    sizes.push_back(text.size());
  }
  std::string dictionary(8U << 10U, '\0');
  const auto size = ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(), samples.data(), sizes.data(),
                                          static_cast<unsigned>(sizes.size()));
  dictionary.resize(ZDICT_isError(size) != 0 ? 0 : size);
  return dictionary;
}

inline std::string compress(std::string_view text, const std::string& dictionary) {
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  auto* const context = ZSTD_createCCtx();
  const auto size = ZSTD_compress_usingDict(context, frame.data(), frame.size(), text.data(), text.size(),
                                            dictionary.data(), dictionary.size(), 3);
  ZSTD_freeCCtx(context);
  frame.resize(size);
  return frame;
}

class FakeJetstream {
 public:
  std::string dictionary;            // set before anybody connects
  std::atomic<int> refuse_with = 0;  // a status, for the handshake
  std::atomic<bool> clamps = false;  // its oldest event is all it has, whatever the cursor
  std::atomic<int> drop_after = 0;   // messages of a connection; 0: never
  std::atomic<bool> heeds_size = true;

  ~FakeJetstream() {
    {
      const std::scoped_lock lock(mutex_);
      is_ending_ = true;
    }
    changed_.notify_all();
  }

  void publish(std::string message) {
    const std::scoped_lock lock(mutex_);
    events_.push_back({time_in(message), std::move(message), 1});
    changed_.notify_all();
  }
  void publish(const FakePost& post) { publish(post_message(post)); }
  // Sent live as it is, as text (1) or bytes (2); never replayed.
  void send_raw(std::string bytes, int opcode = 1) {
    const std::scoped_lock lock(mutex_);
    events_.push_back({-1, std::move(bytes), opcode});
    changed_.notify_all();
  }
  void drop_all() {
    const std::scoped_lock lock(mutex_);
    ++drops_;
    changed_.notify_all();
  }
  [[nodiscard]] std::string url() const { return server_.url("/subscribe", "ws"); }
  [[nodiscard]] int connections() const { return server_.connections(); }
  [[nodiscard]] std::vector<std::string> targets() const {
    const std::scoped_lock lock(mutex_);
    return targets_;
  }
  [[nodiscard]] std::vector<std::string> hellos() const {
    const std::scoped_lock lock(mutex_);
    return hellos_;
  }

 private:
  struct Event {
    std::int64_t time_us;
    std::string bytes;
    int opcode;
  };
  struct Subscriber {
    bool wants_hello = false;
    bool compresses = false;
    std::size_t most = 0;
    std::set<std::string> collections;
    std::set<std::string> dids;
    std::size_t next = 0;
    int sent = 0;
    int drops = 0;
  };

  static std::int64_t time_in(const std::string& message) {
    boost::system::error_code code;
    const auto value = boost::json::parse(message, code);
    if (code || !value.is_object()) return 0;
    const auto* const at = value.as_object().if_contains("time_us");
    return at != nullptr && at->is_int64() ? at->as_int64() : 0;
  }

  void serve(net::RawPeer& peer) {
    const auto head = peer.read_until("\r\n\r\n");
    const auto begin = head.find(' ') + 1;
    const auto target = head.substr(begin, head.find(' ', begin) - begin);
    {
      const std::scoped_lock lock(mutex_);
      targets_.push_back(target);
    }
    if (refuse_with != 0) {
      peer.send(net::http_answer(fmt::format("{} X", refuse_with.load()), "", "no"));
      return;
    }
    if (head.empty() || !peer.send(net::upgrade_answer(head))) return;
    auto subscriber = read_parameters(target);
    while (subscriber.wants_hello) {
      const auto [opcode, text] = net::read_frame(peer);
      if (opcode != 1) return;
      read_hello(text, subscriber);
    }
    follow(peer, subscriber);
  }

  Subscriber read_parameters(const std::string& target) {
    Subscriber subscriber;
    const auto question = target.find('?');
    std::int64_t cursor = -1;
    for (const auto& [name, value] :
         net::parse_query(question == std::string::npos ? "" : target.substr(question + 1))) {
      if (name == "requireHello") subscriber.wants_hello = value == "true";
      if (name == "compress") subscriber.compresses = value == "true";
      if (name == "maxMessageSizeBytes") subscriber.most = std::stoul(value);
      if (name == "cursor") cursor = std::stoll(value);
      if (name == "wantedCollections") subscriber.collections.insert(value);
      if (name == "wantedDids") subscriber.dids.insert(value);
    }
    const std::scoped_lock lock(mutex_);
    subscriber.drops = drops_;
    subscriber.next = events_.size();
    if (cursor < 0) return subscriber;
    while (subscriber.next > 0 &&
           (events_[subscriber.next - 1].time_us >= cursor || events_[subscriber.next - 1].time_us < 0))
      --subscriber.next;
    if (clamps) subscriber.next = 0;
    return subscriber;
  }

  void read_hello(const std::string& text, Subscriber& subscriber) {
    const auto message = boost::json::parse(text).as_object();
    if (message.at("type") != "options_update") return;
    {
      const std::scoped_lock lock(mutex_);
      hellos_.push_back(text);
    }
    const auto& payload = message.at("payload").as_object();
    subscriber.wants_hello = false;
    subscriber.most = static_cast<std::size_t>(payload.at("maxMessageSizeBytes").to_number<std::int64_t>());
    subscriber.collections.clear();
    subscriber.dids.clear();
    for (const auto& one : payload.at("wantedCollections").as_array())
      subscriber.collections.insert(std::string(one.as_string()));
    for (const auto& one : payload.at("wantedDids").as_array())
      subscriber.dids.insert(std::string(one.as_string()));
  }

  bool wants(const Subscriber& subscriber, const Event& event) const {
    if (event.time_us < 0) return true;
    if (heeds_size && subscriber.most > 0 && event.bytes.size() > subscriber.most) return false;
    boost::system::error_code code;
    const auto value = boost::json::parse(event.bytes, code);
    if (code || !value.is_object() || !value.as_object().contains("did")) return true;
    const auto& message = value.as_object();
    const std::string did(message.at("did").as_string());
    if (!subscriber.dids.empty() && !subscriber.dids.contains(did)) return false;
    if (message.at("kind") != "commit" || subscriber.collections.empty()) return true;
    const std::string collection(message.at("commit").as_object().at("collection").as_string());
    return subscriber.collections.contains(collection);
  }

  void follow(net::RawPeer& peer, Subscriber& subscriber) {
    while (true) {
      Event event;
      {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(10), [&] {
          return is_ending_ || drops_ != subscriber.drops || subscriber.next < events_.size();
        });
        if (is_ending_ || drops_ != subscriber.drops) return;
        if (subscriber.next < events_.size()) event = events_[subscriber.next++];
      }
      if (!event.bytes.empty() && wants(subscriber, event) && !send(peer, subscriber, event)) return;
      if (!answer(peer, subscriber)) return;
    }
  }

  bool send(net::RawPeer& peer, Subscriber& subscriber, const Event& event) {
    const bool compresses = subscriber.compresses && event.time_us >= 0;
    const auto bytes =
        compresses ? net::frame(2, compress(event.bytes, dictionary)) : net::frame(event.opcode, event.bytes);
    ++subscriber.sent;
    if (drop_after > 0 && subscriber.sent >= drop_after) {
      // In the middle of a message.
      peer.send(std::string_view(bytes).substr(0, bytes.size() / 2));
      return false;
    }
    return peer.send(bytes);
  }

  // What the client says meanwhile: another options_update, pings, goodbye.
  bool answer(net::RawPeer& peer, Subscriber& subscriber) {
    pollfd waiting{peer.socket(), POLLIN, 0};
    if (::poll(&waiting, 1, 0) <= 0) return true;
    const auto [opcode, text] = net::read_frame(peer);
    if (opcode == 1) read_hello(text, subscriber);
    if (opcode == 9) peer.send(net::frame(10, text));
    return opcode == 1 || opcode == 9 || opcode == 10;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
  std::vector<std::string> targets_;
  std::vector<std::string> hellos_;
  int drops_ = 0;
  bool is_ending_ = false;
  net::ScriptedServer server_{[this](net::RawPeer& peer) { serve(peer); }};  // last: its threads use the rest
};

}  // namespace linnet::connect::bluesky
