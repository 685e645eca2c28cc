#include "connect/discord/gateway_frame.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "connect/field_reader.hpp"
#include "connect/raw_json.hpp"

namespace linnet::connect::discord {
namespace {

namespace json = boost::json;
namespace ondemand = simdjson::ondemand;

std::string frame_of(Op op, json::value data) {
  return json::serialize(json::object{{"op", static_cast<int>(op)}, {"d", std::move(data)}});
}

}  // namespace

Result<Frame> FrameReader::read(std::string_view text) {
  buffer_.assign(text);
  buffer_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  event_.clear();
  data_ = "null";
  Frame frame;
  try {
    ondemand::document document = parser_.iterate(buffer_).value();
    for (auto item : document.get_object().value()) {
      ondemand::field field = taken(std::move(item));
      const auto key = raw_key(field);
      ondemand::value value = field.value();
      const bool is_null = value.type().value() == ondemand::json_type::null;
      if (key == "op") {
        frame.op = static_cast<int>(value.get_int64().value());
      } else if (key == "s" && !is_null) {
        frame.seq = value.get_int64().value();
      } else if (key == "t" && !is_null) {
        event_ = std::string(std::string_view(value.get_string().value()));
      } else if (key == "d" && !is_null) {
        data_ = std::string(raw_json(value));
      }
    }
    if (document.current_location().error() == simdjson::SUCCESS)
      return invalid("a frame of the gateway: expected one JSON object");
  } catch (const simdjson::simdjson_error& error) {
    return invalid(fmt::format("a frame of the gateway: expected JSON: {}", error.what()));
  }
  if (frame.op < 0) return invalid("a frame of the gateway: op: expected a number, got nothing");
  frame.event = event_;
  frame.data = data_;
  return frame;
}

bool ShardName::has(std::uint64_t server) const {
  return (server >> 22U) % static_cast<std::uint64_t>(of) == static_cast<std::uint64_t>(index);
}

std::string identify_frame(const std::string& token, std::int64_t wanted, const ShardName& shard) {
  return frame_of(Op::identify,
                  json::object{{"token", token},
                               {"intents", wanted},
                               {"shard", json::array{shard.index, shard.of}},
                               {"properties",
                                json::object{{"os", "linux"}, {"browser", "Linnet"}, {"device", "Linnet"}}}});
}

std::string resume_frame(const std::string& token, const std::string& session, std::int64_t seq) {
  return frame_of(Op::resume, json::object{{"token", token}, {"session_id", session}, {"seq", seq}});
}

std::string heartbeat_frame(std::optional<std::int64_t> seq) {
  return frame_of(Op::heartbeat, seq ? json::value(*seq) : json::value());
}

AfterClose after_close(int code) {
  switch (code) {
    case 4004:  // the token
    case 4010:  // shards
    case 4011:
    case 4012:  // the version
    case 4013:  // intents
      return AfterClose::give_up;
    case 4014:
      return AfterClose::ask_for_less;
    case 1000:
    case 1001:
    case 4003:
    case 4005:
    case 4007:
    case 4009:
      return AfterClose::begin_anew;
    default:
      return AfterClose::resume;
  }
}

std::string_view words_for_close(int code) {
  switch (code) {
    case 4004:
      return "Discord does not take the bot's token: make a new one in the developer portal, under Bot, and "
             "sign in again";
    case 4011:
      return "Discord wants more shards for this bot: start Linnet again";
    case 4014:
      return "Discord does not let the bot read what is written: switch on Message Content Intent and Server "
             "Members Intent in the developer portal, under Bot";
    default:
      return "";
  }
}

}  // namespace linnet::connect::discord
