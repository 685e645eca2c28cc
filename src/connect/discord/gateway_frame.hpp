// The frames of Discord's gateway, version 10 (docs.discord.com/developers/events/gateway). Pure.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace linnet::connect::discord {

enum class Op : int {
  dispatch = 0,
  heartbeat = 1,
  identify = 2,
  resume = 6,
  reconnect = 7,
  invalid_session = 9,
  hello = 10,
  heartbeat_ack = 11,
};

struct Frame {
  int op = -1;
  std::optional<std::int64_t> seq;  // of a dispatch
  std::string_view event;           // of a dispatch
  std::string_view data;            // `d` as it came; "null" where there is none
};

// Keeps its buffers. Views of the frame live until the next one is read.
class FrameReader {
 public:
  // `invalid` for what is no frame.
  Result<Frame> read(std::string_view text);

 private:
  simdjson::ondemand::parser parser_;
  std::string buffer_;
  std::string event_;
  std::string data_;
};

// What Linnet asks for. Those in kPrivileged have to be switched on in the developer portal.
namespace intents {
inline constexpr std::int64_t kGuilds = 1;
inline constexpr std::int64_t kMembers = 1 << 1;
inline constexpr std::int64_t kMessages = 1 << 9;
inline constexpr std::int64_t kReactions = 1 << 10;
inline constexpr std::int64_t kContent = 1 << 15;
inline constexpr std::int64_t kUnprivileged = kGuilds | kMessages | kReactions;
}  // namespace intents

struct ShardName {
  std::int64_t index = 0;
  std::int64_t of = 1;

  // Whether Discord tells this shard what happens in the server.
  [[nodiscard]] bool has(std::uint64_t server) const;
};

std::string identify_frame(const std::string& token, std::int64_t wanted, const ShardName& shard);
std::string resume_frame(const std::string& token, const std::string& session, std::int64_t seq);
std::string heartbeat_frame(std::optional<std::int64_t> seq);

// What the end of a connection means for the next one.
enum class AfterClose { resume, begin_anew, ask_for_less, give_up };
AfterClose after_close(int code);
// For people, where it is theirs to mend; else empty.
std::string_view words_for_close(int code);

}  // namespace linnet::connect::discord
