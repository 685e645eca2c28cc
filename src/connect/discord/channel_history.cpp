#include "connect/discord/channel_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_members.hpp"
#include "base/log.hpp"
#include "connect/discord/snowflake.hpp"
#include "connect/event_line.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;

constexpr int kPage = 100;  // as many as Discord gives

struct Channel {
  std::string id;
  std::string name;
};

// Those in which something was written later.
void add_channels(const json::array& all, std::uint64_t after, std::vector<Channel>& channels) {
  for (const auto& item : all) {
    const auto* const object = item.if_object();
    if (object == nullptr) continue;
    const auto newest = parse_snowflake(text_view_in(*object, "last_message_id"));
    if (newest && *newest > after) channels.push_back({text_in(*object, "id"), text_in(*object, "name")});
  }
}

Result<std::vector<Channel>> channels_since(RestClient& rest, const std::string& server, std::uint64_t after,
                                            const std::stop_token& stop) {
  std::vector<Channel> channels;
  LINNET_TRY(const auto all, rest.ask({"GET", fmt::format("/guilds/{}/channels", server)}, stop));
  if (const auto* const list = all.if_array()) add_channels(*list, after, channels);
  LINNET_TRY(const auto active, rest.ask({"GET", fmt::format("/guilds/{}/threads/active", server)}, stop));
  const auto* const threads = active.is_object() ? list_in(active.as_object(), "threads") : nullptr;
  if (threads != nullptr) add_channels(*threads, after, channels);
  return channels;
}

Status read_channel_since(RestClient& rest, const std::string& server, const Channel& channel,
                          std::uint64_t after, const OnMessages& on_messages, const std::stop_token& stop) {
  while (true) {
    LINNET_TRY(
        const auto body,
        rest.read(fmt::format("/channels/{}/messages?limit={}&after={}", channel.id, kPage, after), stop));
    LINNET_TRY(auto messages, read_page(body, server));
    if (messages.empty()) return {};
    const auto newest = messages.back().id;
    const auto count = messages.size();
    LINNET_CHECK(on_messages(std::move(messages)));
    // A server that sends the same again would have us ask for ever.
    if (count < kPage || newest <= after) return {};
    after = newest;
  }
}

Result<std::vector<std::string>> servers_of(RestClient& rest, const std::stop_token& stop) {
  constexpr std::size_t kMostServers = 200;
  std::vector<std::string> servers;
  std::string after = "0";
  while (true) {
    LINNET_TRY(const auto page, rest.ask({"GET", "/users/@me/guilds?limit=200&after=" + after}, stop));
    const auto* const list = page.if_array();
    if (list == nullptr) return unavailable("Discord did not say in which servers the bot is");
    for (const auto& one : *list)
      if (one.is_object()) servers.push_back(text_in(one.as_object(), "id"));
    if (list->size() < kMostServers || servers.back() == after) return servers;
    after = servers.back();
  }
}

// What stands in the way of one channel alone.
bool is_of_channel(const Error& error) {
  return error.kind == ErrorKind::denied || error.kind == ErrorKind::not_found ||
         error.kind == ErrorKind::invalid;
}

Status read_server_since(RestClient& rest, const std::string& server, std::uint64_t after,
                         const OnMessages& on_messages, std::string& trouble, const std::stop_token& stop) {
  LINNET_TRY(const auto channels, channels_since(rest, server, after, stop));
  for (const auto& channel : channels) {
    const auto done = read_channel_since(rest, server, channel, after, on_messages, stop);
    if (!done && !is_of_channel(done.error())) return done;
    if (!done) trouble = fmt::format("#{} cannot be read back: {}", channel.name, done.error().safe);
  }
  return {};
}

}  // namespace

std::string line_of(Instant now, std::string_view event, std::string_view payload) {
  return make_event_line(now, event, payload, "discord");
}

Result<std::vector<ReadMessage>> read_page(std::string_view body, std::string_view server) {
  boost::system::error_code code;
  auto page = json::parse({body.data(), body.size()}, code);
  if (code || !page.is_array()) return unavailable("Discord sent no messages that can be read");
  std::vector<ReadMessage> messages;
  for (auto& item : page.as_array()) {
    auto* const object = item.if_object();
    const auto id = object == nullptr ? std::nullopt : parse_snowflake(text_view_in(*object, "id"));
    if (!id) continue;
    (*object)["guild_id"] = server;
    messages.push_back({*id, json::serialize(item)});
  }
  std::sort(messages.begin(), messages.end(),
            [](const ReadMessage& one, const ReadMessage& other) { return one.id < other.id; });
  return messages;
}

Result<std::string> read_gap(RestClient& rest, const GapWanted& wanted, const OnMessages& on_messages,
                             const std::stop_token& stop) {
  LINNET_TRY(const auto servers, servers_of(rest, stop));
  std::string trouble;
  for (const auto& server : servers) {
    const auto id = parse_snowflake(server);
    if (!id || !wanted.shard.has(*id) || !wanted.is_watched(server)) continue;
    const auto done = read_server_since(rest, server, wanted.after, on_messages, trouble, stop);
    // One from which the bot was removed in between does not keep the others from being read.
    if (!done && !is_of_channel(done.error())) return done.error();
    if (!done) trouble = done.error().safe;
  }
  return trouble;
}

Result<BackfillProgress> read_back(const ServerAccess& server, const std::string& token,
                                   const BackfillWanted& wanted, EventSink& sink,
                                   const std::function<double()>& /*random*/,
                                   const std::function<void(const BackfillProgress&)>& on_progress,
                                   const std::stop_token& stop) {
  constexpr std::string_view kChannel = "channel:";
  const auto channel = wanted.timeline.starts_with(kChannel) ? wanted.timeline.substr(kChannel.size()) : "";
  if (!is_snowflake(channel))
    return invalid(
        "timeline: expected channel:ID, such as channel:323456789012345678 (Copy Channel ID in Discord)");
  RestClient rest(server, token);
  LINNET_TRY(const auto shown, rest.ask({"GET", "/channels/" + channel}, stop));
  const auto guild = shown.is_object() ? text_in(shown.as_object(), "guild_id") : std::string();
  if (guild.empty())
    return invalid("timeline: it is a direct conversation; those are read under consent alone");
  BackfillProgress progress;
  progress.reached = wanted.resume.value_or("");
  while (!progress.is_done && (wanted.most == 0 || progress.read < wanted.most)) {
    const auto before = progress.reached.empty() ? std::string() : "&before=" + progress.reached;
    LINNET_TRY(const auto body,
               rest.read(fmt::format("/channels/{}/messages?limit={}{}", channel, kPage, before), stop));
    LINNET_TRY(const auto messages, read_page(body, guild));
    std::vector<std::string> lines;
    for (const auto& message : messages)
      lines.push_back(line_of(server.clock.now(), "MESSAGE_CREATE", message.payload));
    LINNET_CHECK(sink.accept(std::move(lines), {}));
    progress.read += messages.size();
    progress.is_done = messages.size() < kPage || std::to_string(messages.front().id) == progress.reached;
    if (!messages.empty()) progress.reached = std::to_string(messages.front().id);
    if (on_progress) on_progress(progress);
  }
  return progress;
}

}  // namespace linnet::connect::discord
