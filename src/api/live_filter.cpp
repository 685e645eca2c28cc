#include "api/live_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/hashtag_name.hpp"

namespace linnet::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kTopics[] = {"posts", "rate", "connectors", "jobs"};
constexpr std::string_view kExpected =
    R"(expected {"type":"subscribe","topics":["posts","rate","connectors","jobs"],"hashtag":"…","instance_id":…})";

struct Wanted {
  std::optional<std::vector<std::string>> topics;
  std::vector<std::string> hashtags;  // as they stand in the message: "books", with its quotation marks
  std::string instance;               // "instance_id":1
};

Result<std::vector<std::string>> read_topics(const json::value& value) {
  if (!value.is_array()) return invalid(fmt::format("topics: {}", kExpected));
  std::vector<std::string> topics;
  for (const auto& topic : value.get_array()) {
    const bool is_known =
        topic.is_string() && std::find(std::begin(kTopics), std::end(kTopics),
                                       std::string_view(topic.get_string())) != std::end(kTopics);
    if (!is_known) return invalid("topics: expected posts, rate, connectors or jobs");
    topics.emplace_back(topic.get_string());
  }
  return topics;
}

Result<Wanted> read_wanted(std::string_view text) {
  boost::system::error_code error;
  const auto value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object()) return invalid(std::string(kExpected));
  Wanted wanted;
  for (const auto& [name, field] : value.get_object()) {
    if (name == "topics") {
      LINNET_TRY(wanted.topics, read_topics(field));
    } else if (name == "hashtag" && field.is_string()) {
      for (const auto& tag : hashtag_names(field.get_string()))
        wanted.hashtags.push_back(json::serialize(json::string(tag)));
    } else if (name == "instance_id" && field.is_int64()) {
      wanted.instance = fmt::format("\"instance_id\":{},", field.get_int64());
    } else if (name != "type") {
      return invalid(std::string(kExpected));
    }
  }
  if (!wanted.topics && wanted.hashtags.empty() && wanted.instance.empty())
    return invalid(std::string(kExpected));
  return wanted;
}

// The message is JSON of our own making: its keys stand as written here, and quotation marks in texts are
// escaped.
bool has_hashtag(std::string_view message, std::string_view hashtag) {
  constexpr std::string_view kList = "\"hashtags\":[";
  const auto begin = message.find(kList);
  if (begin == std::string_view::npos)
    return !message.starts_with(R"({"type":"post")") && !message.starts_with(R"({"type":"edit")");
  const auto list = message.substr(begin + kList.size());
  return list.substr(0, list.find(']')).find(hashtag) != std::string_view::npos;
}

bool is_wanted(const Wanted& wanted, std::string_view topic, std::string_view message) {
  if (wanted.topics && std::find(wanted.topics->begin(), wanted.topics->end(), topic) == wanted.topics->end())
    return false;
  if (topic != "posts") return true;
  if (!wanted.instance.empty() && message.find(wanted.instance) == std::string_view::npos) return false;
  return wanted.hashtags.empty() || std::any_of(wanted.hashtags.begin(), wanted.hashtags.end(),
                                                [&](const auto& tag) { return has_hashtag(message, tag); });
}

}  // namespace

Result<net::LiveHubOptions::Answer> subscribe(std::string_view text) {
  LINNET_TRY(auto wanted, read_wanted(text));
  net::LiveHubOptions::Answer answer;
  answer.filter = [wanted = std::move(wanted)](std::string_view topic, std::string_view message) {
    return is_wanted(wanted, topic, message);
  };
  return answer;
}

}  // namespace linnet::api
