#include "observe/salience/topic_key.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace linnet::salience {
namespace {

constexpr std::size_t kLongestId = 1'000;
constexpr std::size_t kLongestSubject = 50;  // characters
constexpr std::string_view kExpectedKey =
    "expected a topic such as \"server:S:user:U\", \"user:U\", \"self\", \"hashtag:NAME\" or "
    "\"account:HOST:ID\"";

Error not_a_topic(std::string_view text) {
  return invalid(fmt::format("topic: {}, got \"{}\"", kExpectedKey, to_valid_utf8(truncate_utf8(text, 100))));
}

// What stands before the next colon; the text goes on behind it.
std::string_view take_part(std::string_view& text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto part = text.substr(0, colon);
  text.remove_prefix(std::min(colon + 1, text.size()));
  return part;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "localhost:3000" is one host.
std::string_view take_host(std::string_view& text) {
  const auto whole = text;
  const auto host = take_part(text);
  auto behind = text;
  const auto port = take_part(behind);
  if (!is_number(port) || port.size() > 5 || behind.empty()) return host;
  text = behind;
  return whole.substr(0, host.size() + 1 + port.size());
}

bool is_pair(Category category) {
  return category == Category::dyad || category == Category::user_in_channel;
}

bool stands_alone(Category category) {
  return category == Category::user || category == Category::dyad;
}

bool belongs_to_server(Category category) {
  return category != Category::self && category != Category::hashtag && category != Category::account;
}

}  // namespace

std::string topic_of(Category category, std::string_view server, std::string_view id) {
  std::string key;
  if (!server.empty()) key.append("server:").append(server).append(":");
  key.append(enum_name(category));
  if (category != Category::self) key.append(":").append(id);
  return key;
}

std::string dyad_of(std::string_view server, std::string_view one, std::string_view other) {
  if (other < one) std::swap(one, other);
  return topic_of(Category::dyad, server, one).append(":").append(other);
}

std::string user_in_channel_of(std::string_view server, std::string_view channel, std::string_view user) {
  return topic_of(Category::user_in_channel, server, channel).append(":").append(user);
}

std::string account_of(std::string_view host, std::string_view id) {
  return topic_of(Category::account, {}, host).append(":").append(id);
}

std::string to_string(const TopicKey& key) {
  auto text = topic_of(key.category, key.server, key.first);
  if (!key.second.empty()) text.append(":").append(key.second);
  return text;
}

Result<TopicKey> parse_topic_key(std::string_view text) {
  TopicKey key;
  auto rest = text;
  auto word = take_part(rest);
  if (word == "server") {
    key.server = take_part(rest);
    word = take_part(rest);
    if (key.server.empty()) return not_a_topic(text);
  }
  const auto category = parse_enum<Category>(word);
  if (!category || text.size() > kLongestId * 3) return not_a_topic(text);
  key.category = *category;
  const bool has_place = key.server.empty() ? stands_alone(*category) || !belongs_to_server(*category)
                                            : belongs_to_server(*category);
  if (!has_place) return not_a_topic(text);
  if (*category == Category::self) {
    if (text != "self") return not_a_topic(text);
    return key;
  }
  if (*category == Category::account) {
    key.first = take_host(rest);
    key.second = rest;
  } else if (is_pair(*category)) {
    key.first = take_part(rest);
    key.second = rest;
  } else {
    key.first = rest;
  }
  const bool is_whole =
      !key.first.empty() && (!key.second.empty() || (!is_pair(*category) && *category != Category::account));
  if (!is_whole || (*category == Category::dyad && !(key.first < key.second))) return not_a_topic(text);
  return key;
}

std::vector<std::string_view> people_in(const TopicKey& key) {
  switch (key.category) {
    case Category::user:
      return {key.first};
    case Category::dyad:
      return {key.first, key.second};
    case Category::user_in_channel:
    case Category::account:
      return {key.second};
    default:
      return {};
  }
}

std::array<std::string, 3> owners_of(const TopicKey& key) {
  const auto user = [&](std::string_view id) { return topic_of(Category::user, key.server, id); };
  if (key.category == Category::dyad) return {user(key.first), user(key.second)};
  if (key.category == Category::user_in_channel)
    return {user(key.second), topic_of(Category::channel, key.server, key.first)};
  if (key.category == Category::user && !key.server.empty()) return {topic_of(Category::user, {}, key.first)};
  return {};
}

std::string subject_name(std::string_view written) {
  const auto folded = comparable(written);
  std::string name;
  for (const char c : folded) {
    const bool is_kept =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (is_kept) {
      name += c;
    } else if (!name.empty() && !name.ends_with('_')) {
      name += '_';
    }
  }
  while (count_code_points(name) > static_cast<std::int64_t>(kLongestSubject))
    name = truncate_utf8(name, name.size() - 1);
  while (name.ends_with('_')) name.pop_back();
  return count_code_points(name) < 2 ? std::string() : name;
}

}  // namespace linnet::salience
